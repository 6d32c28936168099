"""What was asked of Scorewire, and exactly what was told."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from scorewire_server.tokens.fingerprint import fingerprint
from tests.crash.acts import Act

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
    it was told that the award will. An action that was told to be `interrupted` has earned nothing, and neither has one
    that was told to be `rejected`, because its user was blocked. `voided` is the void of the award, if it was told of.
    It is `forgotten` where the ledger that it was told of was set back, and nobody has asked for it since.
    """

    way: Way
    user_id: str
    id: str
    points: int
    result: str | None = None
    counted: Counted | None = None
    pending: bool = False
    interrupted: bool = False
    rejected: bool = False
    voided: Counted | None = None
    forgotten: bool = False

    @property
    def award_id(self) -> str:
        """The id of the award, as far as its caller knows it."""
        return self.id if self.result is None else fingerprint(self.result)

    @property
    def acknowledged(self) -> bool:
        """Whether the caller was told that it has happened."""
        return self.result is not None or self.counted is not None

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to ask."""
        return bool(self.counted or self.voided or self.interrupted or self.rejected)

    def hear_result(self, result: str) -> None:
        """The action was done. Raises ToldOtherwise."""
        self._check(self.result in (None, result), result)
        self.result = result

    def hear_counted(self, counted: Counted) -> None:
        """The award counts. Raises ToldOtherwise."""
        self._check(counted.points == self.points and self.counted in (None, counted), counted)
        self.counted = counted

    def hear_voided(self, void: Counted) -> None:
        """The award has counted, and was voided since: it has no points. Raises ToldOtherwise."""
        self._check(void.points == 0 and self.voided in (None, void), void)
        self.voided = void

    def hear_interrupted(self) -> None:
        """The action did not come to its end. Raises ToldOtherwise."""
        self._check(not self.acknowledged, "interrupted")
        self.interrupted = True

    def hear_rejected(self) -> None:
        """The action was done, and its award was refused for good. Raises ToldOtherwise."""
        self._check(self.counted is None, "rejected")
        self.rejected = True

    def forget(self) -> None:
        """The ledger has lost the award, whatever was told of it."""
        self.counted = self.voided = None
        self.forgotten = True

    def _check(self, is_consistent: bool, told: object) -> None:
        ended = "interrupted" if self.interrupted else "rejected" if self.rejected else told
        if told != ended or not is_consistent:
            raise ToldOtherwise(f"{self} was told {told}")


@dataclass
class Book:
    """All that was ever asked; calls that were answered, by way; and those that were not, by what was told instead.

    `blocked` calls were answered too: with the refusal of an award, because its user was blocked. `acts` are what
    operators ever wanted. `calling` and `operating` are the calls under way, of callers and of operators. The ledger
    was set back `set_back` times.
    """

    asked: list[Asked] = field(default_factory=list)
    answered: Counter[Way] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    blocked: int = 0
    acts: list[Act] = field(default_factory=list)
    calling: set[object] = field(default_factory=set)
    operating: set[object] = field(default_factory=set)
    set_back: int = 0

    @property
    def felt(self) -> int:
        """How many calls did not end as on a good day."""
        return self.failed.total()

    @contextmanager
    def asking(self, many: Sequence[Asked]) -> Iterator[None]:
        """A caller asks for them while entered."""
        call = object()
        self.calling.add(call)
        for each in many:
            each.forgotten = False
        try:
            yield
        finally:
            self.calling.discard(call)

    def unsettled(self) -> list[Asked]:
        """What is still to be asked for."""
        return [asked for asked in self.asked if not asked.settled]
