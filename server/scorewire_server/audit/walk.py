"""Walks the ledger from its first award on: holds each row against the one before, and adds the awards up."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from scorewire_server.audit.checks import Check, Checks, Step, shown_hash
from scorewire_server.storage.chain import GENESIS, next_hash
from scorewire_server.storage.decisions import STATES
from scorewire_server.storage.fold import Reached, added
from scorewire_server.storage.inspection import Inspection, Rows
from scorewire_server.storage.records import Restriction, State

Row = tuple[Any, ...]

ROWS = "rows of the ledger"
"""What a step over awards, voids and decisions counts."""


class Walk:
    """Where a walk has come to: position and hash of the last row, and the standings up to it.

    Of the `rows` so many are `awards`, and neither voids nor decisions.
    `standings` are by board and user, `restrictions` by user; `newest` has the position of each board's newest change,
    and `decided` that of the newest decision. Up to `rebuilt_position`
    awards may carry scores that were told from wrong standings.
    """

    def __init__(self, checks: Checks, rebuilt_position: int = 0) -> None:
        self.position = 0
        self.hash = GENESIS
        self.rows = self.awards = 0
        self.standings: dict[str, dict[str, Reached]] = defaultdict(dict)
        self.restrictions: dict[str, Restriction] = {}
        self.newest: dict[str, int] = {}
        self._quarantined: set[str] = set()
        self.decided = 0
        self._checks = checks
        self._rebuilt_position = rebuilt_position

    def whole(self, inspection: Inspection, also: Callable[[Rows], None] = lambda _: None) -> Iterator[Step]:
        """Goes over the whole ledger as it is now; `also` looks at its rows too."""
        newest = inspection.newest()
        for rows in inspection.awards():
            self.follow(rows)
            also(rows)
            yield Step(ROWS, self.position, newest)

    def follow(self, rows: Rows) -> None:
        """Goes on over the next awards: the columns of Award, and the hash."""
        self.rows += len(rows)
        for row in rows:
            self._check_position(row)
            self._check_hash(row)
            self._add(row)

    def _check_position(self, row: Row) -> None:
        expected, position = self.position + 1, row[0]
        if position == expected:
            self.position = expected
            return
        self._checks.positions.found(_named(row), expected=f"position {expected}", found=f"position {position}")
        self.position = position if isinstance(position, int) else expected

    def _check_hash(self, row: Row) -> None:
        *_, stored = row
        try:
            expected = next_hash(self.hash, row[:-1])
        except TypeError:  # SQLite keeps any value in any column
            expected = b""
        if stored != expected:
            self._checks.chain.found(_named(row), expected=shown_hash(expected), found=shown_hash(stored))
        # Each row is held against the hash that the one before has, so that one changed row is one wrong row.
        self.hash = stored

    def _add(self, row: Row) -> None:
        _, _, user_id, _, points, boards, kind, score, _, _, quarantined, reason, _ = row
        if quarantined != (user_id in self._quarantined):
            state = self.state(user_id)
            self._checks.marks.found(_named(row), expected=f"the mark of {state}", found=f"mark {quarantined}")
        if kind in STATES:
            self._decide(user_id, STATES[kind], reason)
            return
        self.awards += kind != "void"
        first = None
        try:
            for board_id in boards.split(","):
                reached = self._add_on(board_id, user_id, points)
                first = first or reached
        except (TypeError, AttributeError):
            pass  # its hash was wrong already
        if first is None or first[0] != score:
            self._score_check().found(_named(row), expected=f"score {first and first[0]}", found=f"score {score}")

    def state(self, user_id: str) -> State:
        """The state of a user."""
        restriction = self.restrictions.get(user_id)
        return restriction.state if restriction else "clear"

    def hidden(self) -> list[str]:
        """The users that are not shown."""
        return [user_id for user_id, restriction in self.restrictions.items() if not restriction.shown]

    def _decide(self, user_id: str, state: State, reason: str) -> None:
        self.decided = self.position
        turned = (self.state(user_id) == "clear") != (state == "clear")
        self.restrictions[user_id] = Restriction(user_id, state, self.position, reason)
        (self._quarantined.add if state == "quarantined" else self._quarantined.discard)(user_id)
        for board_id, users in self.standings.items():
            if turned and user_id in users:
                self.newest[board_id] = self.position

    def _add_on(self, board_id: str, user_id: str, points: int) -> Reached:
        users = self.standings[board_id]
        reached = users[user_id] = added(users.get(user_id), points, self.position)
        self.newest[board_id] = self.position
        return reached

    def _score_check(self) -> Check:
        checks = self._checks
        return checks.scores if self.position > self._rebuilt_position else checks.earlier_scores


def _named(row: Row) -> dict[str, object]:
    return {"position": row[0], "awardId": row[1]}
