"""The awards in the journal that are still to be delivered, as the relay sees them."""

import asyncio
from collections.abc import Iterator, Sequence

from scorewire_server.action.flights import Flights
from scorewire_server.action.recorder import Recorder
from scorewire_server.clock import Clock
from scorewire_server.storage.journal.journal import Journal
from scorewire_server.storage.journal.records import TOLD_MS, Entry

ASIDE_MS = 60_000
"""How long an award is put aside that the score server fails at, while it may take others."""


class Outbox:
    """What is due in a journal. Every method raises StorageUnavailable where the database fails."""

    def __init__(self, journal: Journal, recorder: Recorder, flights: Flights, clock: Clock) -> None:
        self._journal = journal
        self._recorder = recorder
        self._flights = flights
        self._clock = clock

    async def due(self, limit: int) -> list[Entry]:
        """The awards that are due, oldest first.

        Left out are those that their own calls are delivering or that are put aside, and of their users all later ones.
        """
        owed = await asyncio.to_thread(self._journal.owed, self._now(), limit)
        return list(self._in_turn(owed))

    def _in_turn(self, owed: Sequence[Entry]) -> Iterator[Entry]:
        flying: set[str] = set()
        for entry in owed:
            if self._flights.find(entry.key):
                flying.add(entry.user_id)
            if entry.user_id not in flying:
                yield entry

    async def settle(self, settled: Sequence[Entry]) -> None:
        """Takes awards out. Raises Overloaded."""
        # First of all, because the journal may forget at once what is old and not owed.
        late = [entry.key for entry in settled if self._now() - entry.told_at > TOLD_MS]
        if late:
            await asyncio.to_thread(self._journal.tell, late, self._now())
        await self._recorder.commit(settled)

    async def put_aside(self, entry: Entry) -> None:
        """Lets the awards of other users go before one for a minute."""
        await asyncio.to_thread(self._journal.postpone, [entry.key], self._now() + ASIDE_MS)

    def _now(self) -> int:
        return int(self._clock() * 1000)
