"""How many calls may be in progress: one that comes on top is refused before anything of it is looked at.

So is one whose method has no room for what it would have to put aside.

What refuses must cost little, or refusing alone would keep a server busy that is pressed. So this is where gRPC looks a
handler up: neither is the message received and decoded, nor are the policies asked, nor is a line logged for each.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import grpc
import structlog

from scorewire_server.errors import Overloaded
from scorewire_server.rpc.call import Method
from scorewire_server.rpc.policies.monitoring import counting_refused
from scorewire_server.rpc.status import CODES, status_of

log = structlog.get_logger()
_TURN_EVERY, _TURN_SECONDS = 8, 10e-6
"""A loop that does nothing but refuse lets go of Python's lock often, and never for long enough that another thread
gets it: on one core the ledger would not be written while it lasts. So every few refusals it stands still for a moment.
"""
_FULL = Overloaded("this server is busy with as much as it takes; nothing was done, call again")
_STATUS = status_of(_FULL)
_DETAILS = (("grpc-status-details-bin", _STATUS.SerializeToString()),)


def _never() -> bool:
    return False


class _Handlers(NamedTuple):
    """What answers the calls of a method, what refuses them, and whether there is no room for what they bring."""

    answering: Any
    refusing: Any
    is_full: Callable[[], bool]


class Admission(grpc.GenericRpcHandler):
    """Looks up handlers; those that refuse while as many calls as `most` are in progress, or their method is full."""

    def __init__(self, most: int, in_progress: Callable[[], int]) -> None:
        self._most = most
        self._in_progress = in_progress
        self._handlers: dict[str, _Handlers] = {}
        self._refused = 0

    def add(self, service: str, handlers: Mapping[str, Any], is_full: Mapping[str, Callable[[], bool]]) -> None:
        """Guards the methods of a service; `is_full` has those that have a bound of their own."""
        for name, handler in handlers.items():
            method = Method(service, name, handler.response_streaming)
            self._handlers[f"/{service}/{name}"] = _Handlers(handler, self._refusing(method), is_full.get(name, _never))

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Of gRPC: the handler for a call, `None` for an unknown method."""
        handlers = self._handlers.get(handler_call_details.method)
        if handlers is None:
            return None
        too_many = self._in_progress() >= self._most or handlers.is_full()
        return handlers.refusing if too_many else handlers.answering

    def tell(self) -> None:
        """Logs how many calls were refused since it was called last, where there were any."""
        if self._refused:
            log.warning("calls refused", reason=_FULL.reason, refused=self._refused, max_calls_in_progress=self._most)
            self._refused = 0

    def _refusing(self, method: Method) -> Any:
        count, code = counting_refused(method, _FULL.reason), CODES[Overloaded]

        async def refuse(_: Any, context: Any) -> None:
            self._refused += 1
            if self._refused % _TURN_EVERY == 0:
                time.sleep(_TURN_SECONDS)  # noqa: ASYNC251 - it is the whole process that gives way, see above
            count()
            # `abort` would say the same and raise, which costs half as much again.
            context.set_code(code)
            context.set_details(_STATUS.message)
            context.set_trailing_metadata(_DETAILS)

        # Of the four kinds of handlers it is the one that gRPC calls without waiting for a message.
        return grpc.stream_stream_rpc_method_handler(refuse)
