"""The requests that load processes send, each new, made without ado."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from google.protobuf.message import Message

from bench.load import new_award
from scorewire.action.v1 import action_pb2
from scorewire.score.v1 import internal_pb2

_INTERNAL = "/scorewire.score.v1.ScoreInternalService"
_ACTION = "/scorewire.action.v1.ActionService/DoAction"


@dataclass(frozen=True)
class Kind:
    """A kind of call: so many awards for a service, or one action of a user where there are none."""

    awards: int

    @property
    def path(self) -> str:
        """Of the method."""
        if not self.awards:
            return _ACTION
        return f"{_INTERNAL}/ApplyScore" if self.awards == 1 else f"{_INTERNAL}/ApplyScores"

    @property
    def name(self) -> str:
        """For a person."""
        method = self.path.rpartition("/")[2]
        return f"{method} by {self.awards}" if self.awards > 1 else method


def maker(kind: Kind) -> Callable[[], bytes]:
    """Makes one request after the other, of numbers that no other process has."""
    numbers = count(os.getpid() * 10**9)

    def make() -> Message:
        if not kind.awards:
            return action_pb2.DoActionRequest(request_id=f"bench-{next(numbers)}")
        awards = [new_award(next(numbers)) for _ in range(kind.awards)]
        return awards[0] if kind.awards == 1 else internal_pb2.ApplyScoresRequest(awards=awards)

    return lambda: make().SerializeToString()
