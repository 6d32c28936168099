"""Group commit: the awards that are waiting go into the ledger in one transaction, and then everybody is answered.

Nobody is answered before the commit is durable, and one commit serves many callers.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from prometheus_client import Gauge, Histogram

from scorewire_server.errors import Overloaded, StorageUnavailable
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import Appended, NewAward, Recorded

log = structlog.get_logger()
DEPTH = Gauge("scorewire_committer_depth", "Awards waiting for a transaction.")
BATCH = Histogram("scorewire_committer_batch_size", "Awards in a transaction.", buckets=[1, 3, 10, 30, 100, 300, 1000])

_Group = tuple[Sequence[NewAward], "asyncio.Future[list[Recorded]]"]


class Committer:
    """The one writer of the ledger. At most `queue` awards wait; a transaction takes about `batch` of them."""

    def __init__(self, ledger: Ledger, scoreboard: Scoreboard, queue: int, batch: int) -> None:
        self._ledger = ledger
        self._scoreboard = scoreboard
        self._queue = queue
        self._batch = batch
        self._waiting: deque[_Group] = deque()
        self._depth = 0
        self._work = asyncio.Event()
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="committer")

    async def commit(self, awards: Sequence[NewAward]) -> list[Recorded]:
        """Records awards in one transaction, and answers when it is durable and on the boards.

        Raises Overloaded where too many wait already, and StorageUnavailable where the database failed.
        """
        if self._depth + len(awards) > max(self._queue, len(awards)):
            raise Overloaded(f"{self._depth} awards are waiting to be written; nothing was awarded, call again")
        future: asyncio.Future[list[Recorded]] = asyncio.get_running_loop().create_future()
        self._waiting.append((awards, future))
        self._grow(len(awards))
        self._work.set()
        return await future

    async def run(self) -> None:
        """Commits until `close`, and then what is still waiting."""
        while not self._closed or self._waiting:
            await self._work.wait()
            self._work.clear()
            while self._waiting:
                await self._commit_next()
        self._thread.shutdown()

    def close(self) -> None:
        """Ends `run` after what is waiting."""
        self._closed = True
        self._work.set()

    async def _commit_next(self) -> None:
        groups = self._take()
        awards = [award for group, _ in groups for award in group]
        BATCH.observe(len(awards))
        try:
            appended = await self._append(awards)
        except Exception as failure:  # noqa: BLE001 - whatever it was, every caller that waits is told
            _fail(groups, failure)
        else:
            self._scoreboard.apply(appended)
            _answer(groups, appended.recorded)
        self._grow(-len(awards))

    def _take(self) -> list[_Group]:
        groups, size = [], 0
        while self._waiting and size < self._batch:
            groups.append(self._waiting.popleft())
            size += len(groups[-1][0])
        return groups

    async def _append(self, awards: Sequence[NewAward]) -> Appended:
        loop = asyncio.get_running_loop()
        names = self._new_names(awards)
        appended = await loop.run_in_executor(self._thread, self._ledger.append, awards, names)
        if appended.previous != self._scoreboard.position:
            await self._catch_up(appended)
        return appended

    async def _catch_up(self, appended: Appended) -> None:
        # A commit whose answer was lost may have counted all the same: the boards missed it, the ledger did not.
        log.warning("boards were behind the ledger", board=self._scoreboard.position, ledger=appended.previous)
        loop = asyncio.get_running_loop()
        behind = self._scoreboard.position
        appended.standings = await loop.run_in_executor(self._thread, self._ledger.standings_changed_after, behind)

    def _new_names(self, awards: Sequence[NewAward]) -> dict[str, str]:
        known = self._scoreboard.names
        return {a.user_id: a.display_name for a in awards if a.display_name and known.get(a.user_id) != a.display_name}

    def _grow(self, change: int) -> None:
        self._depth += change
        DEPTH.set(self._depth)


def _answer(groups: Sequence[_Group], recorded: Sequence[Recorded]) -> None:
    start = 0
    for awards, future in groups:
        end = start + len(awards)
        if not future.done():  # its caller has gone; the award counts all the same
            future.set_result(list(recorded[start:end]))
        start = end


def _fail(groups: Sequence[_Group], failure: Exception) -> None:
    if not isinstance(failure, StorageUnavailable):
        log.error("commit failed", exc_info=failure)
    for _, future in groups:
        if not future.done():
            future.set_exception(failure)
