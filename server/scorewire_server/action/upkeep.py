"""Looks after the journal: how much is pending, for the operator, and what is old enough to be forgotten."""

import asyncio

import structlog
from prometheus_client import Gauge

from scorewire_server.clock import Clock
from scorewire_server.errors import StorageUnavailable
from scorewire_server.storage.journal.journal import Journal

log = structlog.get_logger()
PENDING = Gauge("scorewire_journal_pending", "Awards that are due to be delivered by the relay.")
OLDEST = Gauge("scorewire_journal_oldest_pending_seconds", "Age of the oldest of them.")
LOOK_SECONDS = 5.0
PRUNED_ROWS = 1_000
"""In one transaction, so that actions never wait long for it."""


class Upkeep:
    """Forgets actions `kept_seconds` after they were begun, or last led to a ticket or a delivery."""

    def __init__(self, journal: Journal, clock: Clock, kept_seconds: float) -> None:
        self._journal = journal
        self._clock = clock
        self._kept_seconds = kept_seconds

    async def run(self) -> None:
        """Looks after the journal until it is cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.measure)
                while await asyncio.to_thread(self.forget) == PRUNED_ROWS:
                    pass
            except StorageUnavailable as failure:
                log.info("the journal cannot be looked after", problem=str(failure.__cause__))
            await asyncio.sleep(LOOK_SECONDS)

    def measure(self) -> None:
        """Tells the metrics what is pending. Raises StorageUnavailable."""
        now = self._clock()
        awards, oldest = self._journal.backlog(int(now * 1000))
        PENDING.set(awards)
        OLDEST.set(max(now - oldest / 1000, 0.0) if oldest is not None else 0.0)

    def forget(self) -> int:
        """Forgets some of the oldest actions; says how many. Raises StorageUnavailable."""
        return self._journal.prune(int((self._clock() - self._kept_seconds) * 1000), PRUNED_ROWS)
