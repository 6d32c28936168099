"""Callers that ask for awards in every way there is, again and again, and write down what they are told."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import grpc

from scorewire.session.v1.session_pb2 import SignInAsGuestRequest
from scorewire.session.v1.session_pb2_grpc import SessionServiceStub
from tests.crash.asking import Asker, Blocked
from tests.crash.book import Asked, Book, Way
from tests.crash.hearing import told_by
from tests.crash.world import World
from tests.waiting import becomes

CALLERS: tuple[Way, ...] = (*["internal"] * 10, *["ticket"] * 6, *["direct"] * 4)
CONNECTIONS = 4
USERS = 24
THOUGHT_SECONDS = 0.1
"""How long a caller may think before it asks for something else; without a thought they would keep the machine busy."""
AT_ONCE = 50
"""How many calls ask at most for what is left when the load has ended; the gateway takes 64."""
PENDING = "score pending"
PASSING = {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
"""What a caller may be told while something is broken; it asks again."""


class Caller(NamedTuple):
    """One of many: the way that it asks, through two connections, and its own choices."""

    way: Way
    asker: Asker
    other: Asker
    choose: random.Random


class Load:
    """Callers of every way, who share a book and the users. `surprises` are answers that nobody should be told."""

    def __init__(self, askers: Sequence[Asker], users: Sequence[str]) -> None:
        self.book = Book()
        self.surprises: list[str] = []
        self.users = users
        self._askers = askers
        self._callers: list[asyncio.Task[None]] = []
        self._going = False

    @classmethod
    @asynccontextmanager
    async def connected(cls, world: World) -> AsyncIterator["Load"]:
        """Signs users in; connected while entered."""
        async with AsyncExitStack() as stack:
            gateways = [await stack.enter_async_context(world.to_gateway()) for _ in range(CONNECTIONS)]
            scores = [await stack.enter_async_context(world.to_score()) for _ in range(CONNECTIONS)]
            sign_in: Any = SessionServiceStub(gateways[0]).SignInAsGuest
            guests = [
                await sign_in(SignInAsGuestRequest(display_name=f"Guest {number}"), wait_for_ready=True)
                for number in range(USERS)
            ]
            sessions = {guest.user_id: guest.token for guest in guests}
            yield cls([Asker(*each, sessions) for each in zip(gateways, scores, strict=True)], list(sessions))

    def start(self, choose: random.Random) -> None:
        """Lets every caller begin, each with choices of its own."""
        self._going = True
        for number, way in enumerate(CALLERS):
            asker, other = (self.asker(number + step) for step in (0, 1))
            caller = Caller(way, asker, other, random.Random(choose.getrandbits(64)))
            self._callers.append(asyncio.create_task(self._call(caller)))

    async def stop(self) -> None:
        """Lets every caller end after the call that it is about."""
        self._going = False
        await asyncio.gather(*self._callers)
        self._callers.clear()

    async def answered(self, more: int) -> None:
        """Returns when so many more calls have been answered."""
        enough = self.book.answered.total() + more
        await becomes(lambda: self.book.answered.total() >= enough, f"{more} more answers")

    async def answered_all_ways(self) -> None:
        """Returns when another call of each way has been answered in full."""
        before = self.book.answered.copy()
        await becomes(lambda: all(self.book.answered[way] > before[way] for way in CALLERS), "an answer each way")

    async def felt(self, more: int) -> None:
        """Returns when so many more calls have not ended well."""
        enough = self.book.felt + more
        await becomes(lambda: self.book.felt >= enough, f"{more} calls that feel the fault")

    async def pending(self, more: int) -> None:
        """Returns when so many more actions were told that their award will count."""
        enough = self.book.failed[PENDING] + more
        await becomes(lambda: self.book.failed[PENDING] >= enough, f"{more} pending awards")

    async def calls_under_way(self) -> None:
        """Returns when the calls that are under way now have ended."""
        now = set(self.book.calling)
        await becomes(lambda: not now & self.book.calling, "the end of the calls under way")

    async def settle(self) -> None:
        """Asks again for all that has not come to its end, until it has."""
        left, turn = self.book.unsettled(), asyncio.Semaphore(AT_ONCE)
        asking = [asyncio.create_task(self._settle(*each, turn)) for each in enumerate(left)]
        try:
            await becomes(lambda: all(task.done() for task in asking), f"all that {len(left)} calls had asked for")
        finally:
            for task in asking:
                task.cancel()
        await asyncio.gather(*asking)

    async def _settle(self, number: int, asked: Asked, turn: asyncio.Semaphore) -> None:
        while True:
            async with turn:
                await self._try(self.asker(number).ask(asked), [asked])
            if asked.settled:
                return
            await asyncio.sleep(0.1)

    async def _call(self, caller: Caller) -> None:
        while self._going:
            many = [self._new(caller) for _ in range(_how_many(caller))]
            self.book.asked += many
            while self._going and not await self._try(_asking(caller, many), many):
                await asyncio.sleep(caller.choose.uniform(0.05, 0.5))
                if caller.choose.random() < 0.3:
                    break  # this one is asked for again when the fault is over
            await asyncio.sleep(caller.choose.uniform(0, THOUGHT_SECONDS))

    def _new(self, caller: Caller) -> Asked:
        choose = caller.choose
        points = choose.choice([-3, -1, *range(1, 11)])
        return Asked(caller.way, choose.choice(self.users), f"{choose.getrandbits(128):032x}", points)

    async def _try(self, asking: Awaitable[None], many: Sequence[Asked]) -> bool:
        """Asks; answers whether there was an answer."""
        try:
            with self.book.asking(many):
                await asking
        except grpc.aio.AioRpcError as error:
            self._failed(error, many[0].way)
            return False
        except Blocked:
            self.book.blocked += 1
            return False
        except AssertionError as wrong:
            self.surprises.append(str(wrong))
            return False
        if all(asked.settled for asked in many):
            self.book.answered[many[0].way] += 1
        else:
            self.book.failed[PENDING] += 1
        return True

    def _failed(self, error: grpc.aio.AioRpcError, way: Way) -> None:
        told = told_by(error)
        self.book.failed[told.reason or told.code] += 1
        # So says gRPC's core of a call that comes in the instant in which a server stops; the gateway says it better.
        is_cut = way == "direct" and told.code == "CANCELLED"
        if told.code not in PASSING and told.reason != "TICKET_EXPIRED" and not is_cut:
            self.surprises.append(f"{told} {error.debug_error_string()}")

    def asker(self, number: int) -> Asker:
        """One of those that ask."""
        return self._askers[number % CONNECTIONS]


def _how_many(caller: Caller) -> int:
    return caller.choose.choice([1, 1, 5, 20]) if caller.way == "direct" else 1


async def _asking(caller: Caller, many: Sequence[Asked]) -> None:
    if len(many) > 1:
        await caller.asker.ask_for_all(many, caller.choose)
    elif caller.choose.random() < 0.1:
        await _twice_at_once(caller, many[0])
    else:
        await caller.asker.ask(many[0])


async def _twice_at_once(caller: Caller, asked: Asked) -> None:
    both = (caller.asker.ask(asked), caller.other.ask(asked))
    for outcome in await asyncio.gather(*both, return_exceptions=True):
        if outcome is not None:
            raise outcome
