"""One round: load, a fault at a random moment, everything asked for again, and then nothing may be wrong."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.crash import checks, hiding
from tests.crash.cheater import Cheater
from tests.crash.databases import Kind
from tests.crash.fault import Fault
from tests.crash.faults import FAULTS
from tests.crash.load import Load
from tests.crash.operator import Operator
from tests.crash.watchers import Watcher
from tests.crash.world import World
from tests.waiting import becomes, until

DECISIONS = 12
"""At the end of a round, so that somebody is hidden when it is looked at."""


class Figures(NamedTuple):
    """What a round came to.

    So many awards were `given`. `felt` are the calls that were told of trouble, or of nothing. When the load ended, so
    many awards were `unheard` of by their callers, of which so many were `counted` all the same. `pending` actions were
    told that their award will count, `interrupted` ones that it will not. The operator has `acted` so often, and so
    many awards were `refused` because of it. So many cheaters were `caught`. `recovery` are the seconds from the end of
    the fault until callers of every way were served, and `seconds` those of the whole round.
    """

    given: int
    felt: int
    unheard: int
    counted: int
    pending: int
    interrupted: int
    acted: int
    refused: int
    caught: int
    recovery: float
    seconds: float


class Rounds:
    """A world, its load and its watchers, for one round after the other."""

    def __init__(self, world: World, load: Load, operator: Operator, watchers: list[Watcher]) -> None:
        self.world = world
        self._load = load
        self._operator = operator
        self._watchers = watchers
        self._cheaters: list[str] = []

    @classmethod
    @asynccontextmanager
    async def begun(cls, folder: Path, kind: Kind, *, detecting: bool = False) -> AsyncIterator["Rounds"]:
        """Everything is up while entered, in an empty folder; each round has a cheater, where it is `detecting`."""
        async with AsyncExitStack() as stack:
            world = await stack.enter_async_context(World.running(folder, kind, detecting=detecting))
            load = await stack.enter_async_context(Load.connected(world))
            watchers = []
            for board_id in checks.BOARDS:
                for server, channel in (("gateway", world.to_gateway()), ("score server", world.to_score())):
                    opened = await stack.enter_async_context(channel)
                    watcher = Watcher(f"{board_id} through the {server}", opened, board_id, load.book)
                    watchers.append(await stack.enter_async_context(watcher.watching()))
            operating = await stack.enter_async_context(world.to_score())
            yield cls(world, load, Operator(operating, load.book, load.users), watchers)

    def faults(self, name: str = "") -> list[Fault]:
        """What can be broken here and has `name` in its name."""
        return [fault for fault in FAULTS if name in fault.name and fault.possible(self.world)]

    def left_out(self, name: str = "") -> list[str]:
        """What has `name` in its name and cannot be broken on this machine, and what that would need."""
        missing = [fault for fault in FAULTS if name in fault.name and not fault.possible(self.world)]
        return [f"{fault.name}: it needs {fault.needs}" for fault in missing if fault.needs]

    async def play(self, seed: int, fault: Fault) -> Figures:
        """Plays one round. Raises AssertionError where something is wrong in it or after it."""
        load, book, operator, choose = self._load, self._load.book, self._operator, random.Random(seed)
        began, acts, cheaters = time.monotonic(), len(book.acts), len(self._cheaters)
        asked_before, felt_before, blocked_before = len(book.asked), book.felt, book.blocked
        load.start(choose)
        operator.start(choose)
        async with self._cheating(seed):
            try:
                recovery = await self._break(fault, choose)
            finally:
                await load.stop()
                await operator.stop()
        asked, felt = book.asked[asked_before:], book.felt - felt_before
        unheard = [each for each in asked if not each.settled]
        counted = await asyncio.to_thread(checks.how_many_counted, self.world, unheard)
        await self._quiet()  # what is pending is delivered, though nobody asks again
        await asyncio.to_thread(checks.check_set_back, self.world, book.asked)
        await operator.settle(choose)
        await load.settle()
        await self._quiet()
        await operator.decide(choose, DECISIONS)
        await self._check()
        return Figures(
            given=sum(bool(each.counted or each.voided) for each in asked),
            felt=felt,
            unheard=len(unheard),
            counted=counted,
            pending=sum(each.pending for each in asked),
            interrupted=sum(each.interrupted for each in asked),
            acted=sum(act.answered for act in book.acts[acts:]),
            refused=book.blocked - blocked_before + sum(each.rejected for each in asked),
            caught=len(self._cheaters) - cheaters,
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

    @asynccontextmanager
    async def _cheating(self, seed: int) -> AsyncIterator[None]:
        """Somebody cheats while entered, and is caught when it is left."""
        if not self.world.detecting:
            yield
            return
        async with self.world.to_gateway() as channel:
            book = self._load.book
            cheater, set_back = Cheater(channel, self._load.asker(0), book), book.set_back
            cheating = asyncio.create_task(cheater.cheat(f"cheat-{seed}-{len(self._cheaters)}"))
            try:
                yield
                await becomes(cheating.done, "the end of a cheater")
                await cheating
                if book.set_back > set_back:
                    await cheater.cheat_on()
            finally:
                cheating.cancel()
        self._cheaters.append(cheater.user_id)

    async def _quiet(self) -> None:
        await asyncio.to_thread(until, lambda: checks.is_quiet(self.world), "an empty outbox")

    async def _check(self) -> None:
        world, asked, acts = self.world, self._load.book.asked, self._load.book.acts
        surprises = [*self._load.surprises, *self._operator.surprises]
        assert not surprises, f"nobody should be told: {surprises}"
        kept = await asyncio.to_thread(checks.read, world)
        checks.check_told(kept, asked)
        checks.check_journal(kept, asked)
        checks.check_nothing_else(kept, asked, acts)
        checks.check_runs(world, asked)
        ledger = kept.ledger.values()
        hiding.check_acts(ledger, acts)
        hiding.check_voids(ledger)
        hiding.check_judged(ledger, self._cheaters)
        boards = {board_id: await checks.newest(world, board_id) for board_id in checks.BOARDS}
        for board in boards.values():
            checks.check_board(kept, board)
        for watcher in self._watchers:
            await watcher.converges(boards[watcher.board_id])
        for name, channel in (("at the gateway", world.to_gateway()), ("at the score server", world.to_score())):
            async with channel as opened:
                for board_id in checks.BOARDS:
                    await hiding.check_shown(hiding.Way(name, opened), ledger, board_id)
        world.forget_logs()

    async def verify(self) -> None:
        """Proves that `scorewire verify` finds nothing wrong; a process of its own, which takes its time."""
        await asyncio.to_thread(checks.check_verify, self.world)
