"""Does one action: claimed before it runs, recorded before anybody is told, delivered if it earned something."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from scorewire_server.action.courier import Courier, Parcel
from scorewire_server.action.data import done, interrupted, refused
from scorewire_server.action.handlers import ActionCall, Handler, Refused
from scorewire_server.action.recorder import Recorder
from scorewire_server.action.reports import report
from scorewire_server.clock import Clock
from scorewire_server.errors import (
    ActionUnderWay,
    DeadlineExceeded,
    Refusal,
    RequestIdReused,
    StorageUnavailable,
)
from scorewire_server.rpc.upstream import UpstreamFault
from scorewire_server.storage.journal.records import TOLD_MS, Entry, Stage
from scorewire_server.tokens.sessions import User

log = structlog.get_logger()
GRACE_MS = 1_000
"""How long an award is left to the call that earned it before the relay takes it up."""
SLACK_MS = 2_000
"""How much longer than its handler may take, and clocks may differ, somebody else's claim is believed to live."""


CLAIM_AGAIN_SECONDS = 0.1


class Task(NamedTuple):
    """An action to do: its claim, its handler, its input, and whether its caller can ask again."""

    claim: Entry
    handler: Handler
    some: object
    repeatable: bool
    trace: str


class Performer:
    """Does actions; `longest` is the time of a handler in seconds.

    Claims of before `alone_since` (milliseconds) are of servers that are gone, where no other one has the journal.
    """

    def __init__(
        self, recorder: Recorder, courier: Courier, clock: Clock, longest: float, alone_since: int = 0
    ) -> None:
        self._recorder = recorder
        self._courier = courier
        self._holds = courier.holds
        self._clock = clock
        self._longest = longest
        self._alone_since = alone_since

    async def perform(self, task: Task, ended: Callable[[Entry], None]) -> Entry:
        """Does an action that nobody has done, or takes it from the journal; answers what it has come to.

        `ended` is told of the outcome as soon as it is durable; the award is delivered after that. Raises
        RequestIdReused, ActionUnderWay, Overloaded, StorageUnavailable, DeadlineExceeded, whatever the handler raises,
        and Cooldown, CapReached, TooSoonAfterSignIn where the action would earn nothing and so was not begun.
        """
        await self._check_held(task)
        known = await self._claim(task)
        if known and known.points and self._now() - known.told_at > TOLD_MS:
            await self._recorder.tell(known, self._now())
        entry = known or await self._run(task)
        ended(entry)
        report(entry, repeated=known is not None)
        return await self._deliver(entry, task.trace) if entry.is_owed else entry

    async def _check_held(self, task: Task) -> None:
        held = self._holds.find(task.claim)
        if held and not (task.repeatable and await self._recorder.has(task.claim)):
            raise held

    async def _claim(self, task: Task) -> Entry | None:
        """Makes sure that the handler runs once: claims the action, or answers what it has led to already."""
        if not task.repeatable:
            self._recorder.check_room(1)
            return None
        try:
            (entry,) = await self._recorder.commit([task.claim])
        except StorageUnavailable:
            # The answer to a commit may have been lost, and the claim be there: then it is found, as our own.
            await asyncio.sleep(CLAIM_AGAIN_SECONDS)
            (entry,) = await self._recorder.commit([task.claim])
        return None if entry.action_id == task.claim.action_id else await self._known(task.claim, entry)

    async def _known(self, claim: Entry, entry: Entry) -> Entry:
        if entry.input_hash != claim.input_hash:
            raise reused(claim)
        if entry.stage > Stage.CLAIMED:
            return entry
        if self._may_live(entry):
            raise ActionUnderWay("this action has been begun, and its end is not known yet; call again in a moment")
        # Whoever claimed it has gone. Should it come back, it finds this written and its own outcome refused.
        (entry,) = await self._recorder.commit([interrupted(entry)])
        return entry

    def _may_live(self, entry: Entry) -> bool:
        oldest = self._now() - int(self._longest * 1000) - SLACK_MS
        return entry.claimed_at >= max(oldest, self._alone_since)

    async def _run(self, task: Task) -> Entry:
        try:
            entry = await self._outcome(task)
        except Exception:
            # It may have done half of what it does: it must not run again.
            with suppress(StorageUnavailable):
                await self._record(interrupted(task.claim))
            report(task.claim, repeated=False)
            raise
        return await self._record(entry)

    async def _outcome(self, task: Task) -> Entry:
        claim, handler = task.claim, task.handler
        user = User(claim.user_id, claim.display_name, claim.signed_in_at)
        call = ActionCall(user, task.some, self._clock)
        try:
            async with asyncio.timeout(self._longest) as time:
                entry = done(handler, claim, await handler(call))
        except Refused as refusal:
            return refused(handler, claim, refusal)
        except TimeoutError:
            if time.expired():
                raise DeadlineExceeded(f"the action was stopped after {self._longest:g} s; it earned nothing") from None
            raise
        is_owed = entry.points and claim.delivery == "internal"
        return entry._replace(due=self._now() + GRACE_MS) if is_owed else entry

    async def _record(self, entry: Entry) -> Entry:
        try:
            (recorded,) = await self._recorder.commit_admitted([entry])
        except StorageUnavailable:
            return await self._record_later(entry)
        return recorded

    async def _record_later(self, entry: Entry) -> Entry:
        """An action that has run is worth some patience: what is not recorded has not happened."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(StorageUnavailable),
            wait=wait_random_exponential(multiplier=0.1, max=1.0),
            stop=stop_after_delay(self._longest),
            reraise=True,
        ):
            with attempt:
                (recorded,) = await self._recorder.commit_admitted([entry])
        return recorded

    async def _deliver(self, entry: Entry, trace: str) -> Entry:
        """Tries once; the relay goes on with an award that is not delivered."""
        try:
            (settled,) = await self._courier.commit([Parcel(entry, trace)])
        except (Refusal, UpstreamFault) as failure:
            log.info("award is pending", award_id=entry.award_id, user=entry.user_id, problem=str(failure))
            return entry
        return await self._settle(entry, settled)

    async def _settle(self, owed: Entry, settled: Entry) -> Entry:
        if settled.rejection is None:
            self._recorder.ride_along(settled)
            return settled
        # Durable before it is told: else it would be delivered again, and count after all where its user is unblocked.
        try:
            (recorded,) = await self._recorder.commit_admitted([settled])
        except StorageUnavailable:
            return owed
        return recorded

    def _now(self) -> int:
        return int(self._clock() * 1000)


def reused(claim: Entry) -> RequestIdReused:
    """The refusal of another action under the same request id."""
    return RequestIdReused(
        f"request_id {claim.request_id} stands for another action or other input; use a new one for each action",
        requestId=claim.request_id,
    )
