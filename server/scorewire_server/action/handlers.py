"""What an operator's own actions are written with: a decorator, a call, an outcome.

from scorewire_server.action import ActionCall, Outcome, Refused, action

@action("coin.flip")
async def flip(call: ActionCall) -> Outcome:
    if call.input not in ("heads", "tails"):
        raise Refused("SIDE_UNKNOWN", "send heads or tails")
    side = secrets.choice(["heads", "tails"])
    return Outcome({"side": side}, points=5 if side == call.input else 0)
"""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from scorewire_server.clock import Clock
from scorewire_server.tokens.sessions import User

_ACTION_TYPE = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
_REASON = re.compile(r"[A-Z][A-Z0-9_]{0,62}")
LONGEST_TYPE = 64


class ActionCall(NamedTuple):
    """One action to do: who does it, its input (any JSON value), and the clock to tell the time by (seconds)."""

    user: User
    input: Any
    clock: Clock


class Outcome(NamedTuple):
    """What an action led to.

    `result` is any JSON value; the client sees it, and the scoring rules may read points from it. `points` count as
    they stand where the award is delivered internally; by ticket, ScoreService computes them from `result` by its
    rules. 0 earns nothing, either way.
    """

    result: Any
    points: int


class Refused(Exception):
    """Raised by a handler that does not do the action, with a reason such as `TOO_LATE` and words the user may read."""

    def __init__(self, reason: str, message: str) -> None:
        if not _REASON.fullmatch(reason):
            raise ValueError(f"a refusal's reason is written LIKE_THIS, not {reason!r}")
        super().__init__(message)
        self.reason = reason
        self.message = message


Function = Callable[[ActionCall], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Handler:
    """The function that does the actions of one type."""

    action_type: str
    function: Function

    async def __call__(self, call: ActionCall) -> Outcome:
        """Does the action. Raises what the function raises: Refused, or anything."""
        return await self.function(call)

    @property
    def name(self) -> str:
        """Where the function is defined, such as `mygame.actions.flip`."""
        return f"{self.function.__module__}.{getattr(self.function, '__qualname__', self.function)}"


def action(action_type: str) -> Callable[[Function], Handler]:
    """Makes an async function the handler of an action type.

    Raises ValueError for a type that no request could name, and TypeError for a function that is not async.
    """
    if len(action_type) > LONGEST_TYPE or not _ACTION_TYPE.fullmatch(action_type):
        raise ValueError(f"{action_type!r} is no action type: write it like `quiz.answer`, at most {LONGEST_TYPE} long")

    def decorate(function: Function) -> Handler:
        if not inspect.iscoroutinefunction(function):
            raise TypeError(f"the handler of {action_type} is not an async function")
        return Handler(action_type, function)

    return decorate
