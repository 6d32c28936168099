"""Exceptions become statuses here, and nothing internal leaves the server."""

import asyncio
import secrets

import structlog
from google.rpc import status_pb2

from scorewire_server.errors import Refusal
from scorewire_server.rpc.call import Call
from scorewire_server.rpc.status import INTERNAL, internal_status, status_of

log = structlog.get_logger()


def refused(call: Call, raised: BaseException) -> tuple[str | None, status_pb2.Status | None]:
    """The reason and the status for what a handler raised; neither where the caller has gone."""
    if isinstance(raised, asyncio.CancelledError | GeneratorExit):
        return (call.cut.reason, status_of(call.cut)) if call.cut else (None, None)
    if isinstance(raised, Refusal):
        return raised.reason, status_of(raised)
    error_id = secrets.token_hex(8)
    log.error("call failed", exc_info=raised, error_id=error_id, method=call.method.name, request_id=call.request_id)
    return INTERNAL, internal_status(error_id)
