"""One structured line for every call. Metadata is never logged: it carries the tokens."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.metadata import one_value
from scorewire_server.rpc.policies import Around
from scorewire_server.rpc.policies.errors import Refused
from scorewire_server.rpc.status import STATUS_CODES

log = structlog.get_logger("access")

# Health checks and reflection come every few seconds from every proxy and say nothing when they succeed.
QUIET_PREFIX = "grpc."


def access_log(method: Method) -> Around:
    """Logs method, code, reason, caller, user, milliseconds and request id when a call ends."""
    name = f"{method.service}/{method.name}"
    write_ok = log.debug if method.service.startswith(QUIET_PREFIX) else log.info

    @contextmanager
    def around(call: Call) -> Iterator[None]:
        call.request_id = one_value(call.context, "x-request-id") or secrets.token_hex(8)
        started = time.perf_counter()
        write, code, reason = write_ok, "OK", None
        try:
            yield
        except Refused as refused:
            write, code, reason = log.info, STATUS_CODES[refused.status.code].name, refused.reason
            raise
        except (asyncio.CancelledError, GeneratorExit):
            code = "CANCELLED"
            raise
        finally:
            write(
                "call",
                method=name,
                code=code,
                reason=reason,
                caller=call.caller,
                user=call.user_id,
                ms=round((time.perf_counter() - started) * 1000, 3),
                request_id=call.request_id,
            )

    return around
