"""The call being answered: what policies and handlers know of it."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import grpc

from scorewire_server.errors import Refusal


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC of one service, such as `scorewire.score.v1.ScoreService` / `GetStanding`."""

    service: str
    name: str
    streaming: bool


@dataclass(slots=True)
class Call:
    """One call of a method; policies and handlers fill in who it is that calls."""

    method: Method
    request: Any
    context: grpc.aio.ServicerContext[Any, Any]
    request_id: str
    started: float
    """When it came in, by `time.perf_counter`."""
    cut: Refusal | None = None
    """Why this server has cancelled it."""
    caller: str | None = None
    """The identity of the calling service, from its certificate."""
    user_id: str | None = None
    """The user, once a session or a ticket has proven it."""
    count_user: Callable[[str], None] | None = None
    """Counts the call against the limits of its user, where its method has any."""
    count_wasted: Callable[["Call", str], None] | None = None
    """Counts the call against the same limits for where it comes from, and for whose name it uses."""

    def prove(self, user_id: str) -> None:
        """Whose call it is has been proven. Raises RateLimited where the user calls too often."""
        self.user_id = user_id
        if self.count_user:
            self.count_user(user_id)

    def waste(self, user_id: str) -> None:
        """Whose token it brings has been proven, and that the user has no use of it: perhaps somebody has stolen it.

        It takes nothing of the user's room, but of that of its address. Raises RateLimited.
        """
        self.user_id = user_id
        if self.count_wasted:
            self.count_wasted(self, user_id)

    def deadline(self) -> float | None:
        """Seconds that the client still waits; `None` where it set no deadline."""
        return self.context.time_remaining()


_current: ContextVar[Call] = ContextVar("call")


def current() -> Call:
    """The call that this task answers. Raises LookupError outside of one."""
    return _current.get()


def enter(call: Call) -> None:
    """Makes `call` the current one; every call has a task, and so a context, of its own."""
    _current.set(call)
