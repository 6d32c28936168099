"""What one user's awards of one action type look like: how regular in time, and how often at the most points."""

from math import log, sqrt
from typing import NamedTuple

_ENOUGH = 12
"""Intervals before their regularity means something."""
_EVERY = 4
"""Awards between one finding and the next of the same kind."""
_MEMORY = 1 / 12
"""How much the newest interval counts for mean and variance."""
_FAST_MS = 1_000
"""A tapping hand can be regular; nobody waits regularly for longer."""
_PAUSE_MS = 60_000
_REGULAR_FAST, _REGULAR_SLOW = 0.02, 0.04
"""Standard deviation over mean, below which intervals are a machine's."""
BLOCK = 16
"""Awards over which a user's share of most points is taken for the crowd's."""
_ALWAYS = 0.995
_LEVEL = 5.0
"""How much more likely, as a logarithm, a machine is than a skilled user, before that is a finding."""
_YOUNG = 50
"""Awards after which it takes more: whoever plays for months has a lucky streak some day."""


class Regularity:
    """The mean and the variance of the intervals between awards, of lately."""

    __slots__ = ("_intervals", "_last", "_mean", "_variance")

    def __init__(self) -> None:
        self._last = 0
        self._intervals = 0
        self._mean = 0.0
        self._variance = 0.0

    def add(self, at: int) -> float | None:
        """Takes in an award at a time (milliseconds).

        Answers standard deviation over mean where that is, once more, a machine's.
        """
        interval, self._last = at - self._last, max(at, self._last)
        if not 0 < interval < _PAUSE_MS:
            return None  # delivered late, the first, or the first after a pause
        self._intervals += 1
        share = max(_MEMORY, 1 / self._intervals)
        off = interval - self._mean
        self._mean += share * off
        self._variance = (1 - share) * (self._variance + share * off * off)
        spread = sqrt(self._variance) / self._mean
        if spread > (_REGULAR_FAST if self._mean < _FAST_MS else _REGULAR_SLOW):
            self._intervals = min(self._intervals, _ENOUGH - _EVERY)
            return None
        return spread if self._intervals >= _ENOUGH and self._intervals % _EVERY == 0 else None

    @property
    def seconds(self) -> float:
        """The mean interval."""
        return self._mean / 1000


class Streak(NamedTuple):
    """How many of a user's last awards had the most points."""

    at_most: int
    awards: int


class Boundness:
    """A running test of "always the most points" against "as often as the most skilled users have them" (CUSUM)."""

    __slots__ = ("_awards", "_block_awards", "_block_hits", "_ever", "_evidence", "_findings", "_hits")

    def __init__(self) -> None:
        self._evidence = 0.0
        self._ever = self._findings = 0
        self._awards = self._hits = 0
        self._block_awards = self._block_hits = 0

    def add(self, *, hit: bool, skilled: float) -> Streak | None:
        """Takes in an award, which had the most points or not, where skilled users have them at that share."""
        self._ever += 1
        self._evidence += log(_ALWAYS / skilled) if hit else log((1 - _ALWAYS) / (1 - skilled))
        if self._evidence <= 0.0:
            self._evidence = 0.0
            self._findings = self._awards = self._hits = 0
            return None
        self._awards += 1
        self._hits += hit
        if self._evidence < _LEVEL + self._findings + log(max(self._ever / _YOUNG, 1.0)):
            return None
        self._findings += 1
        return Streak(self._hits, self._awards)

    def block(self, *, hit: bool) -> int | None:
        """How many of sixteen awards had the most points, whenever there are sixteen more: for the crowd."""
        self._block_awards += 1
        self._block_hits += hit
        if self._block_awards < BLOCK:
            return None
        hits, self._block_awards, self._block_hits = self._block_hits, 0, 0
        return hits
