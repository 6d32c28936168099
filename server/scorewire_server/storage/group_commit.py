"""Group commit: what is waiting is written in one transaction, and then everybody is answered.

Nobody is answered before the transaction is durable, and one transaction serves many callers.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Generic, NamedTuple, Self, TypeVar

from prometheus_client import Gauge, Histogram

from scorewire_server.errors import Overloaded, ServerFailed, StorageUnavailable
from scorewire_server.lasting import lasting
from scorewire_server.storage.trouble import Trouble

SIZES = (1, 3, 10, 30, 100, 300, 1000)
RIDE_SECONDS = 0.1
"""How long what nobody waits for may wait for a transaction of others."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Bounds(NamedTuple):
    """At most `queue` items wait; a transaction takes about `batch` of them.

    It waits at most `patience` seconds for callers on their way in.
    """

    queue: int
    batch: int
    patience: float


class Meters(NamedTuple):
    """The metrics of one group commit."""

    depth: Gauge
    batch: Histogram

    @classmethod
    def named(cls, prefix: str, what: str) -> Self:
        """New metrics, whose names begin with `prefix`; `what` says what waits, such as `Awards`."""
        depth = Gauge(f"{prefix}_depth", f"{what} waiting for a transaction.")
        return cls(depth, Histogram(f"{prefix}_batch_size", f"{what} in a transaction.", buckets=SIZES))


class _Group(NamedTuple, Generic[Item, Result]):
    """What one caller waits for."""

    items: Sequence[Item]
    future: "asyncio.Future[list[Result]]"


class GroupCommit(ABC, Generic[Item, Result]):
    """A queue of items and its one writer; a subclass says how items are written."""

    def __init__(self, bounds: Bounds, meters: Meters, trouble: Trouble) -> None:
        self._bounds = bounds
        self._meters = meters
        self._trouble = trouble
        self._wanted = 1
        self._came = (1, 1)
        self._waiting: deque[_Group[Item, Result]] = deque()
        self._riders: deque[Item] = deque()
        self._departure: asyncio.TimerHandle | None = None
        self._overdue = False
        self._depth = 0
        self._work = asyncio.Event()
        self._closed = False
        self._abandoned = False

    @abstractmethod
    async def _write(self, items: Sequence[Item]) -> Sequence[Result]:
        """Writes items in one transaction; answers a result for each, in order, when that is durable."""

    def _written(self, items: Sequence[Item], results: Sequence[Result]) -> None:
        """Called when everybody has been answered, with what was written and the result of each."""

    def is_full(self) -> bool:
        """Whether hardly anything more fits: nine tenths of the room are taken."""
        return self._depth * 10 >= self._bounds.queue * 9

    def check_room(self, count: int) -> None:
        """Raises Overloaded where `count` items more would be too many."""
        if self._depth + count > max(self._bounds.queue, count):
            raise Overloaded(f"{self._depth} are waiting to be written before this; nothing was awarded, call again")

    async def commit(self, items: Sequence[Item]) -> list[Result]:
        """Writes items in one transaction, and answers when it is durable.

        Raises Overloaded where too many wait already, and what writing them raises.
        """
        self.check_room(len(items))
        return await self.commit_admitted(items)

    def commit_admitted(self, items: Sequence[Item]) -> Awaitable[list[Result]]:
        """Writes items even where many wait: there was room when the work behind them began."""
        future: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        if self._abandoned:
            future.set_exception(_ended())
            return future
        self._waiting.append(_Group(items, future))
        self._grow(len(items))
        if len(self._waiting) >= self._wanted or self._depth >= self._bounds.batch:
            self._work.set()
        return future

    def ride_along(self, item: Item) -> None:
        """Writes an item with the next transaction, or soon; nobody waits for it, and a full queue drops it."""
        if self._depth >= self._bounds.queue:
            return
        self._riders.append(item)
        self._grow(1)
        if self._departure is None:
            self._departure = asyncio.get_running_loop().call_later(RIDE_SECONDS, self._depart)

    def _depart(self) -> None:
        self._overdue = True
        self._work.set()

    async def run(self) -> None:
        """Writes until `close`, and then what is still waiting. Whatever this raises, nobody is left waiting."""
        try:
            while not self._closed or self._waiting or self._riders:
                await self._work.wait()
                self._work.clear()
                while self._waiting or (self._riders and (self._overdue or self._closed)):
                    await self._gather()
                    await self._commit_next()
        except BaseException:  # a fault of ours, or cancelled: nobody must wait for what nobody writes
            self._abandoned = True
            _fail(self._waiting, _ended())
            raise

    def close(self) -> None:
        """Ends `run` after what is waiting."""
        self._closed = True
        self._work.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Runs while entered; what waits at the end is written before it is left.

        Where the writer fails, whoever has entered is cancelled. Raises ServerFailed then.
        """
        task = asyncio.create_task(self.run())
        async with lasting("what writes", task):
            try:
                yield self
            finally:
                self.close()
                await asyncio.wait([task])

    async def _gather(self) -> None:
        """Waits a moment for as many callers as came for the last two transactions, where more than one did.

        A transaction costs as much as thirty items in it. Callers that were answered just now are likely on their way
        in again, so under load fewer and larger transactions cost less; a lone caller never waits.
        """
        self._wanted = sum(self._came) if min(self._came) > 1 else max(self._came)
        self._work.clear()
        if 0 < len(self._waiting) < self._wanted and self._depth < self._bounds.batch and not self._closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._bounds.patience):
                    await self._work.wait()
        self._wanted = 1
        self._came = self._came[1], len(self._waiting)

    async def _commit_next(self) -> None:
        groups, riders = self._take()
        try:
            await self._write_all(groups, [item for group in groups for item in group.items] + riders)
        except BaseException:
            _fail(groups, _ended())
            raise

    async def _write_all(self, groups: Sequence[_Group[Item, Result]], items: Sequence[Item]) -> None:
        self._meters.batch.observe(len(items))
        try:
            results = await self._write(items)
        except ServerFailed:
            raise
        except Exception as failure:  # noqa: BLE001 - whatever it was, every caller that waits is told
            _fail(groups, failure)
            self._trouble.begun(failure)
        else:
            _answer(groups, results)
            self._trouble.over()
            self._written(items, results)
        self._grow(-len(items))

    def _take(self) -> tuple[list[_Group[Item, Result]], list[Item]]:
        groups, size = [], 0
        while self._waiting and size < self._bounds.batch:
            groups.append(self._waiting.popleft())
            size += len(groups[-1].items)
        riders = [self._riders.popleft() for _ in range(min(len(self._riders), max(self._bounds.batch - size, 0)))]
        if not self._riders and self._departure:
            self._departure.cancel()
            self._departure, self._overdue = None, False
        return groups, riders

    def _grow(self, change: int) -> None:
        self._depth += change
        self._meters.depth.set(self._depth)


def _answer(groups: Sequence[_Group[Item, Result]], results: Sequence[Result]) -> None:
    start = 0
    for items, future in groups:
        end = start + len(items)
        if not future.done():  # its caller has gone; what it wanted is written all the same
            future.set_result(list(results[start:end]))
        start = end


def _ended() -> StorageUnavailable:
    return StorageUnavailable("this server ends; call again with the same ticket, award_id or request_id")


def _fail(groups: Iterable[_Group[Item, Result]], failure: Exception) -> None:
    for _, future in groups:
        if not future.done():
            future.set_exception(failure)
