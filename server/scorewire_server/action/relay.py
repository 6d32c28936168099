"""The relay: delivers the awards that their own calls could not, oldest first, for as long as it takes."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from scorewire_server.action.courier import Courier, Parcel
from scorewire_server.action.outbox import Outbox
from scorewire_server.errors import Overloaded, Refusal, StorageUnavailable
from scorewire_server.rpc.upstream import UpstreamFault
from scorewire_server.storage.journal.records import Entry

log = structlog.get_logger()
ATTEMPTS = Counter(
    "scorewire_relay_attempts", "Awards that the relay sent, by outcome: delivered, refused, failed.", ["outcome"]
)
for _outcome in ("delivered", "refused", "failed"):
    ATTEMPTS.labels(_outcome)
LOOK_SECONDS = 1.0
"""How long the relay rests when nothing is due."""
FIRST_PAUSE_SECONDS = 0.25
GROWTH = 8
"""How many times as many awards go in the next call when one has succeeded; after a failure it is a single one."""


class Pace(NamedTuple):
    """At most `batch` awards a call; after failures a pause that grows to at most `longest_pause` seconds."""

    batch: int
    longest_pause: float


class Relay:
    """Delivers what is due in the outbox.

    One call at a time carries awards in their order, and behind an award that is put aside its user's others wait: so
    those of each user are delivered oldest first. Servers that share a journal may deliver the same award, which counts
    once all the same.
    """

    def __init__(
        self, outbox: Outbox, courier: Courier, pace: Pace, jitter: Callable[[], float] = random.random
    ) -> None:
        self._outbox = outbox
        self._courier = courier
        self._pace = pace
        self._jitter = jitter
        self._size = pace.batch
        self._failures = 0

    async def run(self) -> None:
        """Delivers until it is cancelled."""
        while True:
            try:
                pause = await self.step()
            except (StorageUnavailable, Overloaded) as passing:
                log.warning("the relay waits for the journal", problem=str(passing.__cause__ or passing))
                pause = self._back_off()
            except Exception as failure:
                log.exception("relay failed", exc_info=failure)
                pause = self._back_off()
            await asyncio.sleep(pause)

    async def step(self) -> float:
        """Sends one call with what is due; answers the seconds to wait before the next step.

        Raises StorageUnavailable and Overloaded, of the journal.
        """
        due = await self._outbox.due(self._pace.batch)
        batch = due[: self._size]
        if not batch:
            return LOOK_SECONDS
        try:
            settled = await self._courier.commit([Parcel(entry) for entry in batch])
        except (Refusal, UpstreamFault) as failure:
            return await self._failed(batch, failure)
        await self._outbox.settle(settled)
        self._succeeded(settled)
        return LOOK_SECONDS if len(batch) == len(due) < self._pace.batch else 0.0

    def _succeeded(self, settled: Sequence[Entry]) -> None:
        refused = sum(entry.rejection is not None for entry in settled)
        ATTEMPTS.labels("refused").inc(refused)
        ATTEMPTS.labels("delivered").inc(len(settled) - refused)
        log.info("awards delivered by the relay", awards=len(settled) - refused, refused=refused)
        self._failures = 0
        self._size = min(self._size * GROWTH, self._pace.batch)

    async def _failed(self, batch: Sequence[Entry], failure: Exception) -> float:
        ATTEMPTS.labels("failed").inc(len(batch))
        log.info("relay could not deliver", awards=len(batch), problem=str(failure))
        if isinstance(failure, UpstreamFault) and len(batch) == 1:
            log.error("award put aside", award_id=batch[0].award_id, user=batch[0].user_id, problem=str(failure))
            await self._outbox.put_aside(batch[0])
        self._size = 1
        return self._back_off()

    def _back_off(self) -> float:
        """Seconds to wait: exponential backoff with full jitter."""
        self._failures = min(self._failures + 1, 30)
        longest: float = min(self._pace.longest_pause, FIRST_PAUSE_SECONDS * 2**self._failures)
        return self._jitter() * longest
