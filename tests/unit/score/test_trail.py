"""The audit trail on both databases: what is noted is written soon, nobody waits, and what is too much is counted."""

import asyncio
from contextlib import asynccontextmanager

from scorewire_server.score import trail as module
from scorewire_server.score.trail import AuditTrail, Keeping
from scorewire_server.storage.audit import AuditLog
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import AuditEvent
from tests.awards import decision, rows
from tests.clocks import SetClock
from tests.waiting import until

DAY = 86_400


@asynccontextmanager
async def free():
    yield


def written(url) -> list[str]:
    return [why for (why,) in rows(url, "SELECT why FROM audit ORDER BY id")]


def run(database, clock, keeping, noting, turn=free) -> None:
    async def play():
        async with AuditTrail(AuditLog(database), turn, clock, keeping).running() as trail:
            await noting(trail)

    asyncio.run(play())


def noting(*whys: str):
    async def note(trail):
        for why in whys:
            trail.note(AuditEvent("signal", why))

    return note


def test_everything_is_written_in_order_before_the_end(database, database_url):
    whys = [f"number {number}" for number in range(1200)]
    run(database, SetClock(), Keeping(10_000, 90), noting(*whys))
    assert written(database_url) == whys


def test_every_column_is_written(database, database_url):
    event = AuditEvent("signal", "too\n fast \x00 at all", "ada", "detector", "192.0.2.7", 1.5, "a-1")

    async def note(trail):
        trail.note(event)

    clock = SetClock()
    run(database, clock, Keeping(10, 90), note)
    (row,) = rows(database_url, "SELECT event, why, user_id, actor, address, weight, award_id, at FROM audit")
    assert row == (*event._replace(why="too fast at all")[:7], int(clock.now * 1000))


def test_what_is_too_much_is_dropped_and_counted(database, database_url):
    before = module.DROPPED._value.get()
    run(database, SetClock(), Keeping(3, 90), noting(*map(str, range(10))))
    assert written(database_url) == ["0", "1", "2"]
    assert module.DROPPED._value.get() == before + 7


def test_it_is_written_while_the_server_goes_on(database, database_url, monkeypatch):
    monkeypatch.setattr(module, "WRITE_SECONDS", 0.0)
    once = asyncio.Event()

    @asynccontextmanager
    async def turn():
        yield
        once.set()

    async def note(trail):
        await once.wait()  # the pruning at the start
        once.clear()
        trail.note(AuditEvent("signal", "first"))
        await once.wait()
        assert written(database_url) == ["first"]

    run(database, SetClock(), Keeping(10, 90), note, turn)


def test_what_is_too_old_is_deleted_and_decisions_stay(database, database_url, monkeypatch):
    clock = SetClock()
    Ledger(database).append([decision("block", reason="bot", awarded_at=0)], {})
    run(database, clock, Keeping(10, 90), noting("old"))
    clock.now += 90 * DAY - 1
    run(database, clock, Keeping(10, 90), noting("young"))
    assert written(database_url) == ["bot", "old", "young"]
    clock.now += 2
    run(database, clock, Keeping(10, 90), settle(database_url, ["bot", "young"]))


def test_however_much_is_too_old_awards_have_their_turn_in_between(database, database_url, monkeypatch):
    monkeypatch.setattr(module, "PRUNE_BATCH", 10)
    clock, left = SetClock(), []
    run(database, clock, Keeping(100, 90), noting(*map(str, range(25))))
    clock.now += 91 * DAY

    @asynccontextmanager
    async def turn():
        yield
        left.append(len(written(database_url)))

    run(database, clock, Keeping(100, 90), settle(database_url, []), turn)
    assert left == [15, 5, 0]


def settle(url, expected):
    async def wait(_):
        await asyncio.to_thread(until, lambda: written(url) == expected, "the pruning")

    return wait
