"""How awards add up to standings: the one place that says it."""

from collections.abc import Mapping

from scorewire_server.storage.records import Award, NewAward, StandingRow

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
    """Adds awards, in order, to the standings they touch."""

    def __init__(self, standings: Mapping[Key, StandingRow], position: int) -> None:
        self._before = standings
        self.position = position
        self.changed: dict[Key, StandingRow] = {}

    def add(self, new: NewAward) -> Award:
        """Gives `new` the next position and adds its points on each of its boards."""
        self.position += 1
        scores = [self._add_on(board_id, new) for board_id in new.boards]
        return Award(
            self.position,
            new.award_id,
            new.user_id,
            new.action_type,
            new.points,
            ",".join(new.boards),
            new.source,
            scores[0],
            new.awarded_at,
            new.actor,
        )

    def _add_on(self, board_id: str, new: NewAward) -> int:
        key = (board_id, new.user_id)
        old = self.changed.get(key) or self._before.get(key)
        before = (old.score, old.reached_position) if old else None
        score, reached_position = added(before, new.points, self.position)
        self.changed[key] = StandingRow(board_id, new.user_id, score, reached_position)
        return score
