"""One structured line for every call. Metadata is never logged: it carries the tokens."""

from scorewire_server.errors import RateLimited
from scorewire_server.logs import often
from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Observer, Outcome

# Health checks and reflection come every few seconds from every proxy and say nothing when they succeed.
QUIET_PREFIX = "grpc."


def access_log(method: Method) -> Observer:
    """Logs method, code, reason, caller, user, milliseconds and request id when a call ends.

    Calls refused by a rate limit have lines of their own, one for many: see `rpc/limiting.py`.
    """
    say, name = often("call"), f"{method.service}/{method.name}"
    quiet = method.service.startswith(QUIET_PREFIX)

    def observe(call: Call, outcome: Outcome) -> None:
        if (quiet and outcome.code == "OK") or outcome.reason == RateLimited.reason:
            return
        say(
            method=name,
            code=outcome.code,
            reason=outcome.reason,
            caller=call.caller,
            user=call.user_id,
            ms=round(outcome.seconds * 1000, 3),
            request_id=call.request_id,
        )

    return observe
