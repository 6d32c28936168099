"""Looking after the journal: what the operator sees of it, and what is forgotten."""

import asyncio

import pytest

from scorewire_server.action import upkeep
from scorewire_server.action.upkeep import OLDEST, PENDING, Upkeep
from scorewire_server.errors import StorageUnavailable
from tests.clocks import START
from tests.entries import claim, delivered, done
from tests.waiting import comes

NOW = int(START * 1000)
DAY = 24 * 3600


@pytest.fixture
def kept(journal, clock) -> Upkeep:
    return Upkeep(journal, clock, DAY)


def test_the_metrics_have_what_is_due_and_how_old_it_is(kept, journal, clock):
    first, second = done(claim(claimed_at=NOW), due=NOW + 1000), done(claim(claimed_at=NOW + 500), due=NOW + 1500)
    journal.record([first, second, claim(claimed_at=NOW - 9000)])
    told = []
    for seconds, settled in [(0.0, None), (1.0, None), (2.0, first), (3.0, second)]:
        clock.now = START + seconds
        if settled:
            journal.record([delivered(settled)])
        kept.measure()
        told.append((PENDING._value.get(), OLDEST._value.get()))
    assert told == [(0, 0.0), (1, 1.0), (1, 1.5), (0, 0.0)]


async def test_it_forgets_all_that_is_old_however_much_that_is(kept, journal, clock, monkeypatch):
    monkeypatch.setattr(upkeep, "PRUNED_ROWS", 10)
    old = [claim(claimed_at=NOW - DAY * 1000 - 1) for _ in range(35)]
    young, owed = claim(claimed_at=NOW - DAY * 1000), done(claim(claimed_at=0))
    journal.record([*old, young, owed])
    running = asyncio.create_task(kept.run())

    async def forgotten() -> bool:
        return stored(journal) == 2

    await comes(forgotten, "the end of the old actions")
    running.cancel()
    assert journal.record([young, owed]) == [young, owed]


async def test_it_goes_on_when_the_journal_fails(kept, journal, monkeypatch):
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 0.0)
    failures = [StorageUnavailable("gone")] * 3
    backlog, looked = journal.backlog, asyncio.Event()
    loop = asyncio.get_running_loop()

    def fails_first(now: int):
        if failures:
            raise failures.pop()
        loop.call_soon_threadsafe(looked.set)
        return backlog(now)

    monkeypatch.setattr(journal, "backlog", fails_first)
    running = asyncio.create_task(kept.run())
    await asyncio.wait_for(looked.wait(), timeout=30)
    running.cancel()


def stored(journal) -> int:
    """How many actions the journal has."""
    with journal._database.reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM actions").scalar()
