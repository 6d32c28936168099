"""One structured line for every call. Metadata is never logged: it carries the tokens."""

import structlog

from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Observer, Outcome

# Health checks and reflection come every few seconds from every proxy and say nothing when they succeed.
QUIET_PREFIX = "grpc."


def access_log(method: Method) -> Observer:
    """Logs method, code, reason, caller, user, milliseconds and request id when a call ends."""
    log = structlog.get_logger("access").bind()
    name = f"{method.service}/{method.name}"
    write_ok = log.debug if method.service.startswith(QUIET_PREFIX) else log.info

    def observe(call: Call, outcome: Outcome) -> None:
        write = write_ok if outcome.code == "OK" else log.info
        write(
            "call",
            method=name,
            code=outcome.code,
            reason=outcome.reason,
            caller=call.caller,
            user=call.user_id,
            ms=round(outcome.seconds * 1000, 3),
            request_id=call.request_id,
        )

    return observe
