"""How the rows of the ledger add up to standings and restrictions: the one place that says it."""

from collections.abc import Mapping

from scorewire_server.storage.decisions import STATES
from scorewire_server.storage.records import Award, NewAward, Restriction, StandingRow, State

Key = tuple[str, str]
"""Board id, user id."""
Reached = tuple[int, int]
"""A score, and the position of the award that led to it."""


def added(before: Reached | None, points: int, position: int) -> Reached:
    """A user's score on a board after the award at `position`; `None` stands for no award before it."""
    if before is None:
        return points, position
    score, reached_position = before
    # Of equal scores the one reached first stands first, and an award of no points reaches nothing new.
    return score + points, position if points else reached_position


class Fold:
    """Adds rows, in order, to the standings and the restrictions they touch."""

    def __init__(
        self, standings: Mapping[Key, StandingRow], restrictions: Mapping[str, Restriction], position: int
    ) -> None:
        self._before = standings
        self._restrictions = restrictions
        self.position = position
        self.changed: dict[Key, StandingRow] = {}
        self.decided: dict[str, Restriction] = {}

    def restriction(self, user_id: str) -> Restriction:
        """The state of a user, and what led to it."""
        known = self.decided.get(user_id) or self._restrictions.get(user_id)
        return known or Restriction(user_id, "clear", 0, "")

    def state(self, user_id: str) -> State:
        """The state of a user."""
        if not self.decided and user_id not in self._restrictions:
            return "clear"
        return self.restriction(user_id).state

    def add(self, new: NewAward) -> Award:
        """Gives `new` the next position, and adds its points on each of its boards or decides about its user."""
        self.position += 1
        quarantined = self.state(new.user_id) == "quarantined"
        if new.kind in STATES:
            self._decide(new)
        scores = [self._add_on(board_id, new) for board_id in new.boards]
        return Award(
            self.position,
            new.award_id,
            new.user_id,
            new.action_type,
            new.points,
            ",".join(new.boards),
            new.kind,
            scores[0] if scores else 0,
            new.awarded_at,
            new.actor,
            int(quarantined),
            new.reason,
        )

    def _decide(self, new: NewAward) -> None:
        decided = Restriction(new.user_id, STATES[new.kind], self.position, new.reason or "")
        self.decided[new.user_id] = decided

    def _add_on(self, board_id: str, new: NewAward) -> int:
        key = (board_id, new.user_id)
        old = self.changed.get(key) or self._before.get(key)
        before = (old.score, old.reached_position) if old else None
        score, reached_position = added(before, new.points, self.position)
        self.changed[key] = StandingRow(board_id, new.user_id, score, reached_position)
        return score
