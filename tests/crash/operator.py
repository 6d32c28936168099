"""An operator who decides about the users of the load, takes awards back and corrects scores, amid every fault."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import grpc

from scorewire.score.v1 import decisions_pb2 as messages
from scorewire.score.v1.admin_pb2 import RebuildStandingsRequest
from scorewire.score.v1.admin_pb2_grpc import ScoreAdminServiceStub
from tests.crash.acts import Act, Kind
from tests.crash.book import Asked, Book
from tests.crash.hearing import told_by
from tests.refusals import Told
from tests.waiting import becomes

KINDS: tuple[Kind | Literal["rebuild"], ...] = (
    *["quarantine"] * 4,
    *["release"] * 3,
    "block",
    *["unblock"] * 2,
    *["void"] * 4,
    *["adjustment"] * 3,
    "rebuild",
)
PERSON = "crash"
"""As whom the operator calls."""
DEADLINE_SECONDS = 10.0
PASSING = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"}
"""Codes of what an operator may be told while something is broken."""
REFUSALS = {
    "quarantine": {"USER_BLOCKED"},
    "release": {"USER_BLOCKED"},
    "void": {"AWARD_UNKNOWN", "AWARD_ALREADY_VOIDED"},
    "adjustment": {"USER_UNKNOWN"},
}
"""By kind, reasons for which something is refused, which are no fault."""


class Operator:
    """Acts at random while the load goes on. `surprises` are answers that nobody should be told."""

    def __init__(self, channel: grpc.aio.Channel, book: Book, users: Sequence[str]) -> None:
        self.surprises: list[str] = []
        self._admin: Any = ScoreAdminServiceStub(channel)
        self._book = book
        self._users = users
        self._going = False
        self._acting: list[asyncio.Task[None]] = []

    def start(self, choose: random.Random) -> None:
        """Begins to act: two at once, who know nothing of each other."""
        self._going = True
        self._acting = [asyncio.create_task(self._go_on(random.Random(choose.getrandbits(64)))) for _ in range(2)]

    async def stop(self) -> None:
        """Ends after what is under way."""
        self._going = False
        await asyncio.gather(*self._acting)

    async def settle(self, choose: random.Random) -> None:
        """Asks again for corrections whose answer was lost, and lets everybody earn again."""
        left = [act for act in self._book.acts if act.kind in ("void", "adjustment") and not act.answered]
        unblocking = [_act("unblock", user_id, choose) for user_id in self._users]
        self._book.acts += unblocking
        tasks = [asyncio.create_task(self._until_answered(act)) for act in (*left, *unblocking)]
        try:
            await becomes(lambda: all(task.done() for task in tasks), "answers to the operator")
        finally:
            for task in tasks:
                task.cancel()

    async def decide(self, choose: random.Random, times: int) -> None:
        """Decides about users at random, so that some are hidden when everything is looked at."""
        for _ in range(times):
            kind: Kind = choose.choice(["quarantine", "release", "block", "unblock"])
            act = _act(kind, choose.choice(self._users), choose)
            self._book.acts.append(act)
            await self._until_answered(act)

    async def _go_on(self, choose: random.Random) -> None:
        while self._going:
            kind = choose.choice(KINDS)
            if kind == "rebuild":
                await self._try(self._rebuild(), "rebuild")
            else:
                act = self._new(kind, choose)
                self._book.acts.append(act)
                await self._ask(act)
            await asyncio.sleep(choose.uniform(0, 0.4))

    def _new(self, kind: Kind, choose: random.Random) -> Act:
        act = _act(kind, choose.choice(self._users), choose)
        if kind == "adjustment":
            act.award_id, act.points = f"adjustment-{choose.getrandbits(96):x}", choose.choice([-20, -5, 3, 10])
        elif kind == "void":
            # The newest ones: their callers may not have heard of them yet, and others may void them too.
            asked = choose.choice([each for each in self._book.asked[-40:] if _id(each)] or [None])
            act.user_id, act.award_id = (asked.user_id, _id(asked)) if asked else (act.user_id, "nothing")
        return act

    async def _until_answered(self, act: Act) -> None:
        while not act.answered:
            await self._ask(act)
            await asyncio.sleep(0 if act.answered else 0.1)

    async def _ask(self, act: Act) -> None:
        refused = await self._try(self._asking(act), act.kind)
        if refused:
            act.refused = refused.reason

    async def _asking(self, act: Act) -> None:
        why = {"reason": act.reason, "operator": PERSON}
        if act.kind == "void":
            void = messages.VoidAwardRequest(award_id=act.award_id, **why)
            act.corrected = (await self._admin.VoidAward(void, timeout=DEADLINE_SECONDS)).correction
        elif act.kind == "adjustment":
            adjusting = {"user_id": act.user_id, "points": act.points, "award_id": act.award_id}
            adjustment = messages.AdjustScoreRequest(**adjusting, **why)
            act.corrected = (await self._admin.AdjustScore(adjustment, timeout=DEADLINE_SECONDS)).correction
        else:
            call, message = self._decision(act.kind)
            act.decided = await call(message(user_id=act.user_id, **why), timeout=DEADLINE_SECONDS)

    def _decision(self, kind: Kind) -> tuple[Callable[..., Awaitable[Any]], Any]:
        name = f"{kind.capitalize()}User"
        return getattr(self._admin, name), getattr(messages, f"{name}Request")

    async def _rebuild(self) -> None:
        async for event in self._admin.RebuildStandings(RebuildStandingsRequest(), timeout=DEADLINE_SECONDS):
            mended = event.result
            assert not mended.standings_mended, f"standings were wrong: {event}"
            assert not mended.restrictions_mended, f"restrictions were wrong: {event}"

    async def _try(self, asking: Awaitable[None], kind: str) -> Told | None:
        """Asks; answers why that was refused, where the refusal is an answer."""
        call = object()
        self._book.operating.add(call)
        try:
            await asking
        except grpc.aio.AioRpcError as error:
            told = told_by(error)
            if told.reason in REFUSALS.get(kind, ()):
                return told
            if told.code not in PASSING:
                self.surprises.append(f"{kind}: {told} {error.debug_error_string()}")
        except AssertionError as wrong:
            self.surprises.append(str(wrong))
        finally:
            self._book.operating.discard(call)
        return None


def _act(kind: Kind, user_id: str, choose: random.Random) -> Act:
    return Act(kind, user_id, f"{kind} {choose.getrandbits(96):x}")


def _id(asked: Asked) -> str:
    """The id of an award, where that can be known already."""
    return asked.award_id if asked.counted or asked.way == "direct" else ""
