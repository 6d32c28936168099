"""One round: load, a fault at a random moment, everything asked for again, and then nothing may be wrong."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.crash import checks
from tests.crash.databases import Kind
from tests.crash.faults import FAULTS, Fault
from tests.crash.load import Load
from tests.crash.watchers import Watcher
from tests.crash.world import World
from tests.waiting import until


class Figures(NamedTuple):
    """What a round came to.

    So many awards were `given`. `felt` are the calls that were told of trouble, or of nothing. When the load ended, so
    many awards were `unheard` of by their callers, of which so many were `counted` all the same. `pending` actions were
    told that their award will count, `interrupted` ones that it will not. `recovery` are the seconds from the end of
    the fault until callers of every way were served, and `seconds` those of the whole round.
    """

    given: int
    felt: int
    unheard: int
    counted: int
    pending: int
    interrupted: int
    recovery: float
    seconds: float


class Rounds:
    """A world, its load and its watchers, for one round after the other."""

    def __init__(self, world: World, load: Load, watchers: list[Watcher]) -> None:
        self.world = world
        self._load = load
        self._watchers = watchers

    @classmethod
    @asynccontextmanager
    async def begun(cls, folder: Path, kind: Kind) -> AsyncIterator["Rounds"]:
        """Everything is up while entered, in an empty folder."""
        async with AsyncExitStack() as stack:
            world = await stack.enter_async_context(World.running(folder, kind))
            load = await stack.enter_async_context(Load.connected(world))
            watchers = []
            for board_id in checks.BOARDS:
                for server, channel in (("gateway", world.to_gateway()), ("score server", world.to_score())):
                    opened = await stack.enter_async_context(channel)
                    watcher = Watcher(f"{board_id} through the {server}", opened, board_id)
                    watchers.append(await stack.enter_async_context(watcher.watching()))
            yield cls(world, load, watchers)

    def faults(self, name: str = "") -> list[Fault]:
        """What can be broken here and has `name` in its name."""
        return [fault for fault in FAULTS if name in fault.name and fault.possible(self.world)]

    def left_out(self, name: str = "") -> list[str]:
        """What has `name` in its name and cannot be broken on this machine, and what that would need."""
        missing = [fault for fault in FAULTS if name in fault.name and not fault.possible(self.world)]
        return [f"{fault.name}: it needs {fault.needs}" for fault in missing if fault.needs]

    async def play(self, seed: int, fault: Fault) -> Figures:
        """Plays one round. Raises AssertionError where something is wrong in it or after it."""
        load, choose, began = self._load, random.Random(seed), time.monotonic()
        asked_before, felt_before = len(load.book.asked), load.book.felt
        load.start(choose)
        try:
            recovery = await self._break(fault, choose)
        finally:
            await load.stop()
        asked, felt = load.book.asked[asked_before:], load.book.felt - felt_before
        unheard = [each for each in asked if not each.settled]
        counted = await asyncio.to_thread(checks.how_many_counted, self.world, unheard)
        await self._quiet()  # what is pending is delivered, though nobody asks again
        await load.settle()
        await self._quiet()
        await self._check()
        return Figures(
            given=sum(each.counted is not None for each in asked),
            felt=felt,
            unheard=len(unheard),
            counted=counted,
            pending=sum(each.pending for each in asked),
            interrupted=sum(each.interrupted for each in asked),
            recovery=recovery,
            seconds=time.monotonic() - began,
        )

    async def _break(self, fault: Fault, choose: random.Random) -> float:
        """Breaks something at a random moment; answers how many seconds after it callers of any way were not served."""
        await self._load.answered(choose.randint(1, 150))
        await asyncio.sleep(choose.uniform(0, 0.05))
        await fault.strike(self.world, self._load, choose)
        mended = time.monotonic()
        await self._load.answered_all_ways()
        return time.monotonic() - mended

    async def _quiet(self) -> None:
        await asyncio.to_thread(until, lambda: checks.is_quiet(self.world), "an empty outbox")

    async def _check(self) -> None:
        world, load = self.world, self._load
        assert not load.surprises, f"nobody should be told: {load.surprises}"
        kept = await asyncio.to_thread(checks.read, world)
        checks.check_told(kept, load.book.asked)
        checks.check_journal(kept, load.book.asked)
        checks.check_nothing_else(kept, load.book.asked)
        checks.check_runs(world, load.book.asked)
        boards = {board_id: await checks.newest(world, board_id) for board_id in checks.BOARDS}
        for board in boards.values():
            checks.check_board(kept, board)
        for watcher in self._watchers:
            await watcher.converges(boards[watcher.board_id])
        world.forget_logs()

    async def verify(self) -> None:
        """Proves that `scorewire verify` finds nothing wrong; a process of its own, which takes its time."""
        await asyncio.to_thread(checks.check_verify, self.world)
