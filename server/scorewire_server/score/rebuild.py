"""Has standings and boards made again from the ledger, while this server goes on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Self, TypeVar

import structlog

from scorewire_server.audit.checks import Step
from scorewire_server.audit.rebuild import Rebuild, Rebuilt
from scorewire_server.score.committer import Committer
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger

T = TypeVar("T")
log = structlog.get_logger()


class Rebuilder:
    """Rebuilds, one at a time, in a thread of their own."""

    def __init__(self, database: Database, committer: Committer, scoreboard: Scoreboard) -> None:
        self._database = database
        self._committer = committer
        self._scoreboard = scoreboard
        self._alone = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rebuilder")
        self._mending: asyncio.Task[Rebuilt] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """At the end, what has begun to be mended is mended."""
        try:
            yield self
        finally:
            async with self._alone:
                await self._mended()
                self._thread.shutdown()

    async def rebuild(self) -> AsyncGenerator[Step | Rebuilt, None]:
        """How far it has come, and last what was mended. Raises LedgerDamaged, StorageUnavailable."""
        async with self._alone:
            await self._mended()
            rebuild = Rebuild(self._database, self._scoreboard.board_ids())
            reading = rebuild.read()
            try:
                while step := await self._in_thread(next, reading, None):
                    yield step
            finally:
                self._thread.submit(reading.close)
            self._mending = asyncio.create_task(self._mend(rebuild))
            # Whoever asked may go: what is mended in the database is then shown all the same.
            yield await asyncio.shield(self._mending)

    async def _mend(self, rebuild: Rebuild) -> Rebuilt:
        async with self._committer.between_transactions():
            rebuilt = await self._in_thread(rebuild.mend, self._scoreboard.shown_wrong)
            if rebuilt.database_id:
                right = {board_id: rebuild.rankings[board_id] for board_id in rebuilt.boards_mended}
                newest = await self._in_thread(Ledger(self._database).newest)
                self._scoreboard.rebuild(right, newest, rebuilt.database_id)
        log.info("rebuilt", **asdict(rebuilt))
        return rebuilt

    async def _mended(self) -> None:
        if self._mending:
            await asyncio.wait([self._mending])

    def _in_thread(self, work: Callable[..., T], *arguments: Any) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
