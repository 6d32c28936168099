"""Exceptions become statuses here, and nothing internal leaves the server."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from google.rpc import status_pb2
from grpc.aio import AbortError

from scorewire_server.errors import Refusal
from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Around
from scorewire_server.rpc.status import internal_status, status_of

log = structlog.get_logger()


class Refused(Exception):
    """A call that ends with this status."""

    def __init__(self, status: status_pb2.Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def errors(_: Method) -> Around:
    """Turns what a handler raises into the `Refused` that the caller gets."""
    return _around


@contextmanager
def _around(call: Call) -> Iterator[None]:
    try:
        yield
    except AbortError:
        raise  # gRPC's own servicers, such as health, have answered already
    except Refusal as refusal:
        raise Refused(status_of(refusal), refusal.reason) from refusal
    except Exception as fault:
        error_id = secrets.token_hex(8)
        log.exception("call failed", error_id=error_id, method=call.method.name, request_id=call.request_id)
        raise Refused(internal_status(error_id), "INTERNAL") from fault
