"""The one writer of the ledger: awards in one transaction, then on the boards, and then everybody is answered."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, suppress

import structlog

from scorewire_server.detection.guard import Guard
from scorewire_server.errors import StorageUnavailable
from scorewire_server.score.reports import Reports
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.group_commit import Bounds, GroupCommit, Meters
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import Appended, NewAward, Outcome, Recorded
from scorewire_server.storage.trouble import Trouble

log = structlog.get_logger()
LOOK_SECONDS = 1.0
"""How long a failed transaction is left to its callers before the ledger is looked at without them."""
METERS = Meters.named("scorewire_committer", "Awards")


class Committer(GroupCommit[NewAward, Outcome]):
    """Commits awards. Raises StorageUnavailable where the database failed."""

    def __init__(self, ledger: Ledger, scoreboard: Scoreboard, bounds: Bounds) -> None:
        super().__init__(bounds, METERS, Trouble("the database", "awards"))
        self._ledger = ledger
        self._scoreboard = scoreboard
        self._reports = Reports()
        self.guard: Guard | None = None
        """Who is shown what is written, where somebody looks."""
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="committer")
        self._looking: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """See GroupCommit."""
        try:
            await super().run()
        finally:
            if self._looking:
                self._looking.cancel()
                await asyncio.wait([self._looking])
            self._thread.shutdown()

    def between_transactions(self) -> AbstractAsyncContextManager[None]:
        """Keeps the next transaction waiting while entered, which is so as soon as none is under way."""
        return self._turn

    async def _write(self, awards: Sequence[NewAward]) -> Sequence[Outcome]:
        try:
            async with self._turn:
                appended = await self._append(awards)
                self._scoreboard.apply(appended)
        except StorageUnavailable:
            if self._looking is None:
                self._looking = asyncio.create_task(self._look())
            raise
        return appended.recorded

    async def _look(self) -> None:
        """Commits nothing until that succeeds: then the boards show what has counted, though nobody asks again."""
        looked = None
        while looked is None:
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(Exception):  # whatever it was, `Trouble` has told of it
                looked = await self.commit_admitted([])
        self._looking = None

    def _written(self, awards: Sequence[NewAward], recorded: Sequence[Outcome]) -> None:
        self._reports.report([each.award for each in recorded if isinstance(each, Recorded) and each.fresh])
        if self.guard:
            self.guard.written(awards, recorded)

    async def _append(self, awards: Sequence[NewAward]) -> Appended:
        loop = asyncio.get_running_loop()
        # After a failure nobody knows which names the ledger has.
        names = self._scoreboard.names if self._looking is None else {}
        appended = await loop.run_in_executor(self._thread, self._ledger.append, awards, names)
        if appended.previous != self._scoreboard.position:
            await self._catch_up(appended)
        return appended

    async def _catch_up(self, appended: Appended) -> None:
        # A commit whose answer was lost may have counted all the same: the boards missed it, the ledger did not.
        log.warning("boards were behind the ledger", board=self._scoreboard.position, ledger=appended.previous)
        loop = asyncio.get_running_loop()
        behind = self._scoreboard.position
        changed = await loop.run_in_executor(self._thread, self._ledger.changed_after, behind)
        appended.standings, appended.restrictions, appended.names = changed
        appended.newest = await loop.run_in_executor(self._thread, self._ledger.newest)
