"""Verifies a database, all of it as it is at one moment, while a score server may use it."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from scorewire_server.audit.asking import ServerPages
from scorewire_server.audit.checks import Check, Checks, Step, hexadecimal
from scorewire_server.audit.journal import NOT_ASKED_FOR, JournalCheck, Journals
from scorewire_server.audit.ledger import check_head, check_ids
from scorewire_server.audit.ranking import RankingCheck, check_built
from scorewire_server.audit.restrictions import check_restrictions
from scorewire_server.audit.standings import check_names, check_standings
from scorewire_server.audit.walk import Walk
from scorewire_server.errors import Refusal
from scorewire_server.rpc.operator import NoAnswer
from scorewire_server.storage.database import Database
from scorewire_server.storage.inspection import Inspection


@dataclass(slots=True)
class Verified:
    """What a run has found.

    `position` and `hash` are those of the ledger's newest row. Of its `rows` so many are `awards`: the others are voids
    and decisions. `standings` is how many there should be; `ranking` says where the ranking came from, and `journal`
    which journals were read.
    """

    right: bool
    position: int
    rows: int
    awards: int
    hash: str
    standings: int
    ranking: str
    journal: str
    checks: list[Check]


class Verification:
    """One run over a database. Memory grows with the standings and the actions of journals, not with the awards."""

    def __init__(
        self,
        database: Database,
        pages: ServerPages | None,
        why_built: str = "",
        journals: Journals = NOT_ASKED_FOR,
    ) -> None:
        """`pages` are those of a running server; `None` where there is none to ask, and `why_built` says why."""
        self._checks = Checks()
        self._database = database
        self._pages = pages
        self._ranking = why_built
        self._journal = JournalCheck(journals, self._checks)

    def run(self) -> Generator[Step, None, Verified]:
        """Every check, with a step now and then; answers what was found. Raises StorageUnavailable."""
        checks = self._checks
        yield from self._journal.begin()
        with self._database.reading() as connection:
            inspection = Inspection(connection)
            heads = inspection.heads()
            walk = Walk(checks, max((rebuilt for *_, rebuilt in heads), default=0))
            yield from walk.whole(inspection, self._journal.follow)
            check_head(walk, heads, checks)
            check_ids(inspection, checks)
            yield from check_standings(walk, inspection.standings(), checks)
            check_restrictions(walk, inspection.restrictions(), checks)
            check_names(walk, inspection.names(), checks)
            counted = walk.position, walk.rows, walk.awards, hexadecimal(walk.hash)
            standings = sum(map(len, walk.standings.values()))
            yield from self._check_ranking(walk, inspection)
        yield from self._journal.end()
        right = not any(check.wrong for check in checks.all() if check.grave)
        return Verified(right, *counted, standings, self._ranking, self._journal.told(), checks.all())

    def _check_ranking(self, walk: Walk, inspection: Inspection) -> Iterator[Step]:
        if self._pages is None or not self._has_this_database(self._pages, inspection.database_id()):
            self._build(walk)
            return
        self._ranking = "asked of the running server"
        try:
            yield from RankingCheck(walk, self._database, self._pages, self._checks.ranking).run()
        except (Refusal, NoAnswer) as stopped:
            self._checks.ranking.skipped = f"the server was asked, and stopped answering: {stopped}"

    def _has_this_database(self, pages: ServerPages, database_id: str) -> bool:
        try:
            pages.check_database(database_id)
        except (Refusal, NoAnswer) as reason:
            self._ranking = f"built, because no server could be asked: {reason}"
            return False
        return True

    def _build(self, walk: Walk) -> None:
        wrong = [check.name for check in (self._checks.standings, self._checks.restrictions) if check.wrong]
        if wrong:
            self._checks.ranking.skipped = f"it would be built from wrong {' and '.join(wrong)}"
            return
        for board_id in walk.standings:
            check_built(walk, board_id, self._checks.ranking)
