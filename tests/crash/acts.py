"""What an operator wants, and what was told of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["quarantine", "release", "block", "unblock", "void", "adjustment"]


@dataclass(eq=False)
class Act:
    """Something that the operator wants, under a reason that nothing else has: so it is found in the ledger.

    `award_id` is that of the award to void, or of the adjustment. `decided` is what was told of a decision, `corrected`
    of a correction, and `refused` the reason of a refusal.
    """

    kind: Kind
    user_id: str
    reason: str
    award_id: str = ""
    points: int = 0
    decided: Any = None
    corrected: Any = None
    refused: str | None = None

    @property
    def answered(self) -> bool:
        """Whether the operator knows what became of it."""
        return bool(self.decided or self.corrected or self.refused)

    def forget(self) -> None:
        """Whatever was told of it is true no more."""
        self.decided = self.corrected = self.refused = None


def reasons(acts: Iterable[Act]) -> set[str]:
    """Everything that an operator may have left in the ledger."""
    return {act.reason for act in acts}
