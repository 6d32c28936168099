"""What does actions and delivers their awards, put together over one journal: how it starts, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import NamedTuple

from scorewire_server.action.courier import Courier
from scorewire_server.action.flights import Flights
from scorewire_server.action.holds import Holds
from scorewire_server.action.outbox import Outbox
from scorewire_server.action.performer import Performer
from scorewire_server.action.recorder import Recorder
from scorewire_server.action.relay import Pace, Relay
from scorewire_server.action.score_client import ScoreClient
from scorewire_server.action.upkeep import Upkeep
from scorewire_server.clock import Clock
from scorewire_server.settings import ActionSettings
from scorewire_server.storage.database import Database
from scorewire_server.storage.group_commit import Bounds
from scorewire_server.storage.journal.journal import Journal

LANDING_SECONDS = 1.0
"""How long actions under way may take to end when nobody waits for them any more."""


class Doing(NamedTuple):
    """What actions are done with."""

    performer: Performer
    flights: Flights

    @classmethod
    @asynccontextmanager
    async def start(
        cls, action: ActionSettings, database: Database, scores: ScoreClient, clock: Clock
    ) -> AsyncIterator["Doing"]:
        """Runs while entered; at the end the actions under way end or are stopped, and what they led to is recorded."""
        journal, flights = Journal(database), Flights(action.max_actions_in_progress)
        alone_since = int(clock() * 1000) if database.is_sqlite else 0
        commits = Bounds(action.commit_queue, action.commit_batch, action.commit_wait_seconds)
        deliveries = Bounds(action.delivery_queue, action.delivery_batch, action.commit_wait_seconds)
        pace = Pace(action.delivery_batch, action.delivery_longest_pause_seconds)
        async with AsyncExitStack() as stack:
            recorder = await stack.enter_async_context(Recorder(journal, commits).running())
            courier = await stack.enter_async_context(Courier(scores, deliveries, Holds(clock)).running())
            stack.push_async_callback(flights.land, LANDING_SECONDS)
            relay = Relay(Outbox(journal, recorder, flights, clock), courier, pace)
            await stack.enter_async_context(in_background(relay.run()))
            await stack.enter_async_context(in_background(Upkeep(journal, clock, action.request_id_seconds).run()))
            yield cls(Performer(recorder, courier, clock, action.default_deadline_seconds, alone_since), flights)


@asynccontextmanager
async def in_background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Works while entered."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
