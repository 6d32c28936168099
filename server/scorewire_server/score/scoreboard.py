"""Every board of this server, kept equal to the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

from scorewire_server.errors import BoardUnknown
from scorewire_server.score.board import Board
from scorewire_server.score.ranking import Ranking
from scorewire_server.score.waves import Waves
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import Appended, Newest, Restriction


class Scoreboard:
    """The boards by id, empty until `load`. `position` is the ledger position they reflect."""

    def __init__(
        self, board_ids: Sequence[str], default_board: str, database_id: str, min_interval: float = 0.0
    ) -> None:
        """Watchers are shown a board at most every `min_interval` seconds."""
        self.names: dict[str, str] = {}
        self.position = 0
        self.database_id = database_id
        self._default_board = default_board
        waves = Waves()
        self._boards = {each: Board(each, self.names, database_id, waves, min_interval) for each in board_ids}

    def load(self, ledger: Ledger) -> None:
        """Builds every ranking from the standings and the restrictions. Raises StorageUnavailable."""
        newest = ledger.newest()
        self.position = newest.position
        self.names.update(ledger.names())
        hidden = [restriction.user_id for restriction in ledger.restricted()]
        for board in self._boards.values():
            rows = ledger.standings(board.board_id)
            board.restore(Ranking(((user, score, at) for _, user, score, at in rows), hidden), newest)

    def board_ids(self) -> list[str]:
        """Every board."""
        return list(self._boards)

    def board(self, board_id: str | None) -> Board:
        """The board of that id, or the default one. Raises BoardUnknown."""
        board = self._boards.get(board_id or self._default_board)
        if board is None:
            known = ", ".join(sorted(self._boards))
            raise BoardUnknown(f"there is no board {board_id}; there are: {known}", boards=known)
        return board

    def board_of(self, request: Any) -> Board:
        """The board that a request names, or the default one. Raises BoardUnknown."""
        return self.board(request.board_id if request.HasField("board_id") else None)

    def rank(self, board_id: str, user_id: str) -> int:
        """A user's rank; 0 for a user who is hidden, and on a board that the rules no longer have."""
        board = self._boards.get(board_id)
        place = board.ranking.place(user_id) if board else None
        return place.rank if place else 0

    def apply(self, appended: Appended) -> None:
        """Makes the boards reflect what a transaction did, and wakes their watchers."""
        self.names.update(appended.names)
        changed = {b for b in self._boards.values() if any(user_id in b.ranking for user_id in appended.names)}
        for row in appended.standings:
            board = self._boards.get(row.board_id)
            if board is not None:  # one that the rules no longer have keeps its standings, unseen
                board.ranking.update(row.user_id, row.score, row.reached_position)
                changed.add(board)
        for restriction in appended.restrictions:
            changed.update(self._restrict(restriction))
        self.position = appended.newest.position
        for board in changed:
            board.publish(appended.newest)

    def _restrict(self, restriction: Restriction) -> list[Board]:
        """Hides or shows a user; answers the boards that change by it."""
        boards = self._boards.values()
        if restriction.shown:
            return [board for board in boards if board.ranking.show(restriction.user_id)]
        return [board for board in boards if board.ranking.hide(restriction.user_id)]

    def shown_wrong(self, rankings: Mapping[str, Ranking]) -> list[str]:
        """The boards that do not stand as `rankings` have them."""
        return [board_id for board_id, right in rankings.items() if self._boards[board_id].ranking != right]

    def rebuild(self, rankings: Mapping[str, Ranking], newest: Newest, database_id: str) -> None:
        """Goes on with rankings that were made again, of the boards that were wrong, and with the database's new id."""
        self.position, self.database_id = newest.position, database_id
        for board_id, board in self._boards.items():
            board.rename_database(database_id)
            if board_id in rankings:
                board.rebuild(rankings[board_id], newest)
