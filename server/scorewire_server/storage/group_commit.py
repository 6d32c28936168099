"""Group commit: what is waiting is written in one transaction, and then everybody is answered.

Nobody is answered before the transaction is durable, and one transaction serves many callers.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Generic, NamedTuple, Self, TypeVar

from prometheus_client import Gauge, Histogram

from scorewire_server.errors import Overloaded, ServerFailed
from scorewire_server.lasting import lasting
from scorewire_server.storage.groups import Group, answer, ended, fail
from scorewire_server.storage.trouble import Trouble
from scorewire_server.turns import PIECE, look

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


class GroupCommit(ABC, Generic[Item, Result]):
    """A queue of items and its one writer; a subclass says how items are written."""

    def __init__(self, bounds: Bounds, meters: Meters, trouble: Trouble) -> None:
        self._bounds = bounds
        self._meters = meters
        self._trouble = trouble
        self._wanted = 1
        self._came = (1, 1)
        self._waiting: deque[Group[Item, Result]] = deque()
        self._riders: deque[Item] = deque()
        self._departure: asyncio.TimerHandle | None = None
        self._overdue = False
        self._depth = 0
        self._expected = 0
        self._work = asyncio.Event()
        self._closed = False
        self._abandoned = False

    @abstractmethod
    async def _write(self, items: Sequence[Item]) -> Sequence[Result]:
        """Writes items in one transaction; answers a result for each, in order, when that is durable."""

    def _written(self, items: Sequence[Item], results: Sequence[Result]) -> None:
        """Called when everybody has been answered, with a piece of what was written and the result of each."""

    def is_pressed(self) -> bool:
        """Whether half of the room is taken, so that callers may have to be refused soon."""
        return self._taken() * 2 >= self._bounds.queue

    def is_full(self) -> bool:
        """Whether there is no room for a single item."""
        return self._taken() >= self._bounds.queue

    def is_full_for_many(self) -> bool:
        """Whether there is no room for callers with many items."""
        return self._taken() >= self._room_for_many()

    def check_room(self, count: int) -> None:
        """Raises Overloaded where `count` items more would be too many."""
        self._check(count, self._bounds.queue)

    @contextmanager
    def room(self, count: int) -> Iterator[None]:
        """Keeps room while entered for the many items of one caller, who makes them ready and then has them admitted.

        Raises Overloaded where there is none.
        """
        self._check(count, self._room_for_many())
        self._expected += count
        try:
            yield
        finally:
            self._expected -= count

    def _check(self, count: int, room: int) -> None:
        taken = self._taken()
        if taken + count > max(room, count):
            raise Overloaded(f"{taken} are waiting to be written before this; nothing was awarded, call again")

    def _taken(self) -> int:
        return self._depth + self._expected

    def _room_for_many(self) -> int:
        # The last tenth is for those who come with one item each.
        return self._bounds.queue - self._bounds.queue // 10

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
            future.set_exception(ended())
            return future
        self._waiting.append(Group(items, future))
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
            fail(self._waiting, ended())
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
            fail(groups, ended())
            raise

    async def _write_all(self, groups: Sequence[Group[Item, Result]], items: Sequence[Item]) -> None:
        self._meters.batch.observe(len(items))
        try:
            results = await self._write(items)
        except ServerFailed:
            raise
        except Exception as failure:  # noqa: BLE001 - whatever it was, every caller that waits is told
            fail(groups, failure)
            self._grow(-len(items))
            self._trouble.begun(failure)
        else:
            answer(groups, results)
            self._grow(-len(items))
            self._trouble.over()
            await self._tell(items, results)

    async def _tell(self, items: Sequence[Item], results: Sequence[Result]) -> None:
        for start in range(0, len(items), PIECE):
            if start and self.is_pressed():
                await look()
            self._written(items[start : start + PIECE], results[start : start + PIECE])

    def _take(self) -> tuple[list[Group[Item, Result]], list[Item]]:
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
