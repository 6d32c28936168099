"""Makes standings and rankings again from the ledger, while awards go on."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scorewire_server.audit.checks import Checks, Step
from scorewire_server.audit.ledger import check_head, check_ids
from scorewire_server.audit.ranking import bring_up, ranking_of
from scorewire_server.audit.restrictions import wrong_restrictions
from scorewire_server.audit.standings import wrong_standings
from scorewire_server.audit.walk import ROWS, Walk
from scorewire_server.errors import LedgerDamaged
from scorewire_server.score.ranking import Ranking
from scorewire_server.storage.database import Database
from scorewire_server.storage.fold import Key, Reached
from scorewire_server.storage.inspection import CHUNK, Inspection, Rows
from scorewire_server.storage.mending import Mending
from scorewire_server.storage.records import StandingRow

_CATCH_UPS = 10


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was mended, at which position of the ledger.

    How many standings and restrictions, and which boards that were shown. `database_id` is the new one of the database;
    absent where nothing was wrong.
    """

    position: int
    standings_mended: int
    boards_mended: Sequence[str]
    restrictions_mended: int = 0
    database_id: str | None = None


class Rebuild:
    """One run: `read`, and then `mend` with all awards waiting.

    What the ledger adds up to replaces what is wrong. Standings that were right when they were read stay right, because
    every award adds to them as it should; so only the wrong ones are written, and awards wait no longer than that.
    """

    def __init__(self, database: Database, board_ids: Sequence[str] = ()) -> None:
        """`board_ids` are the boards whose `rankings` are made."""
        self.rankings: dict[str, Ranking] = {}
        self._database = database
        self._board_ids = board_ids
        self._checks = Checks()
        self._walk = Walk(self._checks)
        self._wrong: set[Key] = set()
        self._wrong_users: set[str] = set()

    def read(self) -> Generator[Step, None, None]:
        """Adds the ledger up and finds what is wrong; changes nothing. Raises LedgerDamaged, StorageUnavailable."""
        with self._database.reading() as connection:
            inspection = Inspection(connection)
            heads = inspection.heads()
            yield from self._walk.whole(inspection)
            check_head(self._walk, heads, self._checks)
            check_ids(inspection, self._checks)
            self._check_ledger()
            for each in wrong_standings(self._walk, inspection.standings()):
                if isinstance(each, Step):
                    yield each
                else:
                    self._wrong.add((each.board_id, each.user_id))
            self._wrong_users.update(each.user_id for each in wrong_restrictions(self._walk, inspection.restrictions()))
        for board_id in self._board_ids:
            self.rankings[board_id] = ranking_of(self._walk, board_id)
            yield Step("rankings", len(self.rankings), len(self._board_ids))
        yield from self._catch_up()

    def _catch_up(self) -> Iterator[Step]:
        """Reads what was awarded meanwhile, until little is left for `mend`."""
        for _ in range(_CATCH_UPS):
            before = self._walk.position
            with self._database.reading() as connection:
                for rows in Inspection(connection).awards(after=before):
                    self._follow(rows)
                    yield Step(ROWS, self._walk.position, self._walk.position)
            if self._walk.position - before < CHUNK:
                return

    def mend(self, shown_wrong: Callable[[Mapping[str, Ranking]], Sequence[str]]) -> Rebuilt:
        """Mends what is wrong, in one transaction, and brings `rankings` to the newest award.

        No award may be written in the meantime. `shown_wrong` names the boards that are not shown as the rankings have
        them. Raises LedgerDamaged, StorageUnavailable.
        """
        with self._database.writing() as connection:
            mending = Mending(self._database, connection)
            newest = mending.newest()
            for rows in Inspection(connection).awards(after=self._walk.position):
                self._follow(rows)
            check_head(self._walk, Inspection(connection).heads(), self._checks)
            self._check_ledger()
            boards = shown_wrong(self.rankings)
            if not self._wrong and not self._wrong_users and not boards:
                return Rebuilt(newest, 0, [])
            mending.replace([*self._right()], [key for key in self._wrong if self._reached(key) is None])
            known = self._walk.restrictions
            right = [known[user_id] for user_id in self._wrong_users if user_id in known]
            mending.replace_restrictions(right, self._wrong_users - known.keys())
            return Rebuilt(newest, len(self._wrong), boards, len(self._wrong_users), mending.mark(newest))

    def _follow(self, rows: Rows) -> None:
        self._walk.follow(rows)
        for board_id, ranking in self.rankings.items():
            bring_up(ranking, board_id, self._walk, rows)

    def _reached(self, key: Key) -> Reached | None:
        board_id, user_id = key
        return self._walk.standings[board_id].get(user_id)

    def _right(self) -> Iterator[StandingRow]:
        for key in self._wrong:
            reached = self._reached(key)
            if reached is not None:
                yield StandingRow(*key, *reached)

    def _check_ledger(self) -> None:
        checks = self._checks
        for check in (checks.positions, checks.chain, checks.award_ids, checks.head):
            if check.first:
                row: dict[str, Any] = check.first.row
                raise LedgerDamaged(f"the ledger is damaged, so nothing was changed: {check.first}", **row)
