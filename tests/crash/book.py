"""What was asked of Scorewire, and exactly what was told."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Way = Literal["internal", "ticket", "direct"]


class Counted(NamedTuple):
    """An award as its caller was told of it; `revision` is `None` where that was not told."""

    points: int
    score: int
    revision: int | None


class ToldOtherwise(AssertionError):
    """The same thing was told in two ways."""


@dataclass(eq=False)
class Asked:
    """One award that a caller wants, under an id that stays the same however often it asks.

    `result` is the action data, where it was told; `counted` the award, where it was told to count; `pending` whether
    it was told that the award will. An action that was told to be `interrupted` has earned nothing.
    """

    way: Way
    user_id: str
    id: str
    points: int
    result: str | None = None
    counted: Counted | None = None
    pending: bool = False
    interrupted: bool = False

    @property
    def acknowledged(self) -> bool:
        """Whether the caller was told that it has happened."""
        return self.result is not None or self.counted is not None

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to ask."""
        return self.counted is not None or self.interrupted

    def hear_result(self, result: str) -> None:
        """The action was done. Raises ToldOtherwise."""
        self._check(self.result in (None, result), result)
        self.result = result

    def hear_counted(self, counted: Counted) -> None:
        """The award counts. Raises ToldOtherwise."""
        self._check(counted.points == self.points and self.counted in (None, counted), counted)
        self.counted = counted

    def hear_interrupted(self) -> None:
        """The action did not come to its end. Raises ToldOtherwise."""
        self._check(not self.acknowledged, "interrupted")
        self.interrupted = True

    def _check(self, is_consistent: bool, told: object) -> None:
        if (self.interrupted and told != "interrupted") or not is_consistent:
            raise ToldOtherwise(f"{self} was told {told}")


@dataclass
class Book:
    """All that was ever asked; calls that were answered, by way; and those that were not, by what was told instead."""

    asked: list[Asked] = field(default_factory=list)
    answered: Counter[Way] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def felt(self) -> int:
        """How many calls did not end as on a good day."""
        return self.failed.total()

    def unsettled(self) -> list[Asked]:
        """What is still to be asked for."""
        return [asked for asked in self.asked if not asked.settled]
