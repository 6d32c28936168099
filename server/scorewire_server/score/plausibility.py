"""The part of a scoring rule that says how often and how much: cooldown, caps, and a time after the sign-in."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from scorewire_server.storage.limits import TOGETHER_MS
from scorewire_server.storage.records import Cap, Limits

_DURATION = re.compile(r"([1-9][0-9]{0,8})(ms|s|m|h|d)")
_LONGEST = 36_500 * 86_400_000
"""A century: whoever is refused is told when it is over, and there has to be a date for that."""
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Part(BaseModel):
    """A part of the rules file, which refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _milliseconds(value: Any) -> int:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    milliseconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < milliseconds <= _LONGEST:
        raise PydanticCustomError(
            "duration", "should be a number with a unit, such as '500ms', '10s', '5m', '24h', '7d', up to '36500d'"
        )
    return milliseconds


Duration = Annotated[int, BeforeValidator(_milliseconds)]
"""Written as `500ms`, `10s`, `5m`, `24h` or `7d`; read as milliseconds."""
Count = Annotated[int, Field(strict=True, ge=1, le=2**53)]


class CapRule(Part):
    """The most that a user is given within any time as long as `per`: awards, points, or both."""

    per: Duration
    awards: Count | None = None
    points: Count | None = None


class Plausible(Part):
    """What is plausible of one user; all that is left out is not limited."""

    cooldown: Duration = 0
    """The least time between two awards."""
    caps: tuple[CapRule, ...] = ()
    after_sign_in: Duration = 0
    """The least time between the user's sign-in and an award, where the sign-in's time is known."""

    @cached_property
    def limits(self) -> Limits | None:
        """The limits, for the ledger to hold; `None` where there are none."""
        caps = tuple(Cap(cap.per, cap.awards, cap.points) for cap in self.caps)
        limits = Limits(self.cooldown, self.after_sign_in, caps)
        return limits if any(limits) else None

    def wrong_limits(self, most: int) -> Iterator[str]:
        """What cannot be meant, where a single award gives at most so many points."""
        if 0 < self.cooldown < TOGETHER_MS:
            yield f"cooldown: {self.cooldown} ms is shorter than {TOGETHER_MS} ms, the shortest that is kept exactly"
        for number, cap in enumerate(self.caps):
            if cap.awards is None and cap.points is None:
                yield f"caps.{number}: names neither awards nor points"
            if cap.points is not None and cap.points < most:
                yield f"caps.{number}.points: {cap.points} is under the maximum of a single award, {most}"
