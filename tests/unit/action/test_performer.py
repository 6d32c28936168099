"""Doing an action once where the journal fails, and what becomes of actions that nobody waits for."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from scorewire_server.action import ActionCall, Outcome, action
from scorewire_server.action.courier import Courier, Parcel
from scorewire_server.action.flights import Flights
from scorewire_server.action.performer import Performer, Task
from scorewire_server.action.recorder import Recorder
from scorewire_server.errors import ActionTypeUnknown, ActionUnderWay, Overloaded, StorageUnavailable, UserBlocked
from scorewire_server.storage.group_commit import Bounds
from scorewire_server.storage.journal.journal import Journal
from scorewire_server.storage.journal.records import Entry, Stage
from tests.clocks import START
from tests.entries import claim
from tests.unit.action.conftest import BOUNDS

GONE = StorageUnavailable("the database is gone")


class FailingJournal(Journal):
    """Fails before or after it has written, as often as it is told to; remembers the stages that came."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal._database)
        self.before: list[StorageUnavailable | None] = []
        self.after: list[StorageUnavailable | None] = []
        self.stages: list[int] = []

    def record(self, entries: Sequence[Entry]) -> list[Entry]:
        self.stages += [entry.stage for entry in entries]
        raise_next(self.before)
        recorded = super().record(entries)
        raise_next(self.after)
        return recorded


def raise_next(failures: list[StorageUnavailable | None]) -> None:
    if failures and (failure := failures.pop(0)):
        raise failure


@pytest.fixture
def failing(journal) -> FailingJournal:
    return FailingJournal(journal)


@pytest.fixture
async def performer(failing, courier, clock):
    async with Recorder(failing, BOUNDS).running() as recorder:
        yield Performer(recorder, courier, clock, longest=10.0)


@pytest.fixture
def counted():
    """A handler that counts how often it ran."""
    runs = []

    @action("trial.count")
    async def count(call: ActionCall) -> Outcome:
        runs.append(call.user.id)
        return Outcome(call.input, points=call.input)

    return count, runs


def task(counted, *, repeatable: bool = True, **claimed) -> Task:
    handler, _ = counted
    return Task(claim(action_type="trial.count", **claimed), handler, 3, repeatable, trace="1")


async def test_an_action_is_claimed_before_it_runs_and_recorded_before_it_is_told(performer, failing, counted):
    told = []
    entry = await performer.perform(task(counted), lambda entry: told.append((entry.stage, list(failing.stages))))
    assert told == [(Stage.ENDED, [Stage.CLAIMED, Stage.ENDED])]
    assert (entry.stage, entry.score) == (Stage.SETTLED, 103)


async def test_what_cannot_be_repeated_needs_no_claim(performer, failing, counted):
    told = []
    await performer.perform(task(counted, repeatable=False), lambda _: told.append(list(failing.stages)))
    assert told == [[Stage.ENDED]]


async def test_an_action_that_cannot_be_claimed_does_not_run(performer, failing, counted):
    failing.before = [GONE, GONE]
    asked = task(counted)
    with pytest.raises(StorageUnavailable):
        await performer.perform(asked, lambda _: None)
    assert counted[1] == []
    assert (await performer.perform(asked, lambda _: None)).score == 103
    assert counted[1] == ["ada"]


@pytest.mark.parametrize("where", ["before", "after"])
async def test_a_claim_is_tried_once_more_and_finds_itself(performer, failing, counted, where):
    """It is written `after` that where the answer of the database is lost."""
    setattr(failing, where, [GONE])
    assert (await performer.perform(task(counted), lambda _: None)).score == 103
    assert failing.stages[:3] == [Stage.CLAIMED, Stage.CLAIMED, Stage.ENDED]
    assert counted[1] == ["ada"]


async def test_a_claim_whose_answer_is_lost_is_not_taken_from_another(performer, failing, journal, counted):
    mine = task(counted, request_id="r")
    journal.record([claim(action_type="trial.count", request_id="r", claimed_at=int(START * 1000))])
    failing.before = [GONE]
    with pytest.raises(ActionUnderWay):
        await performer.perform(mine, lambda _: None)
    assert counted[1] == []


LONG = 7200
"""Seconds; much longer than a journal takes to note it."""


@pytest.mark.parametrize("seconds", [60, LONG])
async def test_a_ticket_long_after_the_action_keeps_the_action_in_the_journal(
    performer, journal, clock, counted, seconds
):
    """Its award may come into the ledger then, and must not be of an action that is forgotten."""
    first = await performer.perform(task(counted, request_id="r", delivery="ticket"), lambda _: None)
    clock.forward(seconds)
    again = await performer.perform(task(counted, request_id="r", delivery="ticket"), lambda _: None)
    assert again == first
    assert journal.prune(int(clock() * 1000) - 50_000, 10) == (0 if seconds == LONG else 1)


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("times", [1, 3])
async def test_an_outcome_is_written_however_often_that_fails(performer, failing, counted, where, times):
    setattr(failing, where, [None] + [GONE] * times)
    assert (await performer.perform(task(counted), lambda _: None)).score == 103
    assert failing.stages[: times + 2] == [Stage.CLAIMED] + [Stage.ENDED] * (times + 1)
    assert counted[1] == ["ada"]


async def test_that_an_award_is_refused_for_good_is_recorded_before_it_is_told(performer, journal, counted, scripted):
    scripted.refused_points[3] = UserBlocked("ada is blocked")
    entry = await performer.perform(task(counted), lambda _: None)
    assert (entry.stage, entry.is_owed) == (Stage.SETTLED, False)
    assert json.loads(entry.rejection)["reason"] == "USER_BLOCKED"
    assert journal.record([entry._replace(stage=Stage.CLAIMED)]) == [entry]


async def test_a_refusal_that_cannot_be_recorded_is_not_told(performer, failing, counted, scripted):
    scripted.refused_points[3] = UserBlocked("ada is blocked")
    failing.before = [None, None, GONE]
    entry = await performer.perform(task(counted), lambda _: None)
    assert (entry.stage, entry.is_owed, entry.rejection) == (Stage.ENDED, True, None)


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_full_journal_refuses_before_the_action_runs(failing, courier, clock, counted, repeatable):
    recorder = Recorder(failing, Bounds(queue=1, batch=1, patience=0.0))
    performer = Performer(recorder, courier, clock, longest=10.0)
    waiting = recorder.commit_admitted([claim()])
    with pytest.raises(Overloaded):
        await performer.perform(task(counted, repeatable=repeatable), lambda _: None)
    assert counted[1] == []
    async with recorder.running():
        await waiting


async def test_an_award_that_finds_no_room_is_left_to_the_relay(performer, journal, scores, clock, counted, scripted):
    courier = Courier(scores, Bounds(queue=1, batch=1, patience=0.0), performer._courier.holds)
    courier.commit_admitted([Parcel(claim())])
    performer._courier = courier
    entry = await performer.perform(task(counted), lambda _: None)
    assert (entry.is_owed, entry.score) == (True, None)
    clock.forward(1)
    assert journal.owed(int(clock() * 1000), 10) == [entry]
    assert scripted.calls == []


@pytest.mark.parametrize(
    ("failure", "is_logged"),
    [(RuntimeError("a fault"), True), (ActionTypeUnknown("no such thing"), False)],
    ids=["a fault", "a refusal"],
)
async def test_a_fault_that_nobody_waits_for_is_in_the_log(failure, is_logged):
    flights = Flights(most=1000)

    async def perform(_):
        raise failure

    with capture_logs() as logs:
        flight = flights.start(("ada", "r1"), "", perform)
        await asyncio.wait([flight.task])
    assert bool([line for line in logs if line["event"] == "action failed when nobody waited for it"]) == is_logged
    assert flights.find(("ada", "r1")) is None


async def test_landing_lets_actions_end_and_stops_those_that_do_not():
    flights, end, stopped = Flights(most=1000), asyncio.Event(), asyncio.Event()

    async def ends(_):
        await end.wait()
        return "ended"

    async def never_ends(_):
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    ending, endless = flights.start(("ada", "1"), "", ends), flights.start(("ada", "2"), "", never_ends)
    end.set()
    await asyncio.sleep(0)
    await flights.land(0.1)
    assert ending.task.result() == "ended"
    assert endless.task.cancelled()
    assert stopped.is_set()
    await flights.land(0.1)
