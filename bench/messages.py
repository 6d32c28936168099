"""The requests that load processes send, each new, put together from parts that were encoded once."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, islice

from google.protobuf.message import Message

from bench.load import new_award
from scorewire.action.v1 import action_pb2
from scorewire.score.v1 import internal_pb2

_INTERNAL = "/scorewire.score.v1.ScoreInternalService"
_ACTION = "/scorewire.action.v1.ActionService/DoAction"
_USERS = 1000
_ANY = b"%020d"
_NONE = _ANY % 0


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


def maker(kind: Kind) -> Callable[[int], list[bytes]]:
    """Makes so many requests more, of numbers that no other process has."""
    numbers = count(os.getpid() * 10**9)
    if not kind.awards:
        action = _pattern(action_pb2.DoActionRequest(request_id=f"bench-{_NONE.decode()}"))
        return lambda calls: [action % number for number in islice(numbers, calls)]
    awards = [_award(number, one=kind.awards == 1) for number in range(_USERS)]

    def make(calls: int) -> list[bytes]:
        made = [awards[number % _USERS] % number for number in islice(numbers, calls * kind.awards)]
        # Encoded messages one behind the other are one message, with the elements of all of them.
        return made if kind.awards == 1 else list(map(b"".join, zip(*[iter(made)] * kind.awards, strict=True)))

    return make


def _award(number: int, *, one: bool) -> bytes:
    award = new_award(number)
    award.award_id = f"bench-{_NONE.decode()}"
    return _pattern(award if one else internal_pb2.ApplyScoresRequest(awards=[award]))


def _pattern(message: Message) -> bytes:
    """The message as a pattern, with a place for its number."""
    return message.SerializeToString().replace(b"%", b"%%").replace(_NONE, _ANY)
