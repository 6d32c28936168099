"""Delivers awards: those that wait go to ScoreService in one call, and then everybody who waits is answered."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, Self

import orjson
import structlog
from cachetools import LRUCache
from prometheus_client import Counter

from scorewire_server.action.holds import PASSING, Holds
from scorewire_server.action.score_client import PERMANENT, ScoreClient, Taken
from scorewire_server.errors import Refusal, UserBlocked
from scorewire_server.lasting import lasting
from scorewire_server.rpc.upstream import UpstreamFault
from scorewire_server.storage.group_commit import Bounds, GroupCommit, Meters
from scorewire_server.storage.journal.records import Entry, Stage
from scorewire_server.storage.trouble import Trouble

log = structlog.get_logger()
METERS = Meters.named("scorewire_delivery", "Awards")
REFUSED = Counter("scorewire_awards_refused", "Awards that ScoreService has refused for good, by reason.", ["reason"])
for _refusal in PERMANENT:
    REFUSED.labels(_refusal.reason)
MOST = 10_000
"""Awards that were refused and are remembered, so that none is sent again while that is being recorded."""


class Parcel(NamedTuple):
    """An award to deliver, and the request id of the call that it is delivered for, where there is one."""

    entry: Entry
    trace: str | None = None


class Courier(GroupCommit[Parcel, Entry]):
    """Delivers parcels, one call after the other; answers each with its entry, settled, which is not recorded yet.

    `holds` learns from the refusals.
    """

    def __init__(self, scores: ScoreClient, bounds: Bounds, holds: Holds) -> None:
        super().__init__(bounds, METERS, Trouble("the score server", "awards", (Refusal, UpstreamFault)))
        self._scores = scores
        self.holds = holds
        self._refused: LRUCache[str, str] = LRUCache(MOST)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Runs while entered. What is under way at the end is left: the journal has it."""
        task = asyncio.create_task(self.run())
        async with lasting("what delivers", task):
            try:
                yield self
            finally:
                task.cancel()
                await asyncio.wait([task])

    async def _write(self, parcels: Sequence[Parcel]) -> Sequence[Entry]:
        known = [self._refused.get(parcel.entry.award_id) for parcel in parcels]
        new = [parcel for parcel, rejection in zip(parcels, known, strict=True) if rejection is None]
        taken = iter(await self._send(new) if new else [])
        return [
            _rejected(parcel.entry, rejection) if rejection else self._settled(parcel.entry, next(taken))
            for parcel, rejection in zip(parcels, known, strict=True)
        ]

    async def _send(self, parcels: Sequence[Parcel]) -> Sequence[Taken]:
        if len(parcels) == 1:
            return [await self._scores.apply(*parcels[0])]
        return await self._scores.apply_all([parcel.entry for parcel in parcels])

    def _settled(self, entry: Entry, taken: Taken) -> Entry:
        """The action when ScoreService has taken its award or refused it for good."""
        if not isinstance(taken, Refusal):
            return entry._replace(stage=Stage.SETTLED, due=None, score=taken)
        self.holds.learn(entry, taken)
        _report(entry, taken)
        rejection = {"reason": taken.reason, "message": taken.message, "metadata": taken.metadata}
        written = self._refused[entry.award_id] = orjson.dumps(rejection).decode()
        return _rejected(entry, written)


def _rejected(entry: Entry, rejection: str) -> Entry:
    return entry._replace(stage=Stage.SETTLED, due=None, rejection=rejection)


def _report(entry: Entry, refusal: Refusal) -> None:
    # Of a rule's limits the user is told, and a block is the operator's own doing. About the rest nobody but the
    # operator can do something, who must hear of it.
    write = log.info if isinstance(refusal, (*PASSING, UserBlocked)) else log.error
    write(
        "award refused for good",
        user=entry.user_id,
        action_type=entry.action_type,
        award_id=entry.award_id,
        points=entry.points,
        reason=refusal.reason,
        problem=refusal.message,
    )
    REFUSED.labels(refusal.reason).inc()
