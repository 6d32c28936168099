"""The relay: what is pending is delivered in its order, for as long as it takes."""

import asyncio
import json

import grpc
import pytest
from structlog.testing import capture_logs

from scorewire_server import errors
from scorewire_server.action.courier import Parcel
from scorewire_server.action.outbox import Outbox
from scorewire_server.action.relay import LOOK_SECONDS, Pace, Relay
from scorewire_server.errors import StorageUnavailable
from tests.clocks import START
from tests.entries import claim, done
from tests.waiting import comes

DUE = int(START * 1000)


@pytest.fixture
def outbox(journal, recorder, flights, clock):
    return Outbox(journal, recorder, flights, clock)


@pytest.fixture
def relay(outbox, courier):
    """Its pauses are the longest that chance allows."""
    return Relay(outbox, courier, Pace(batch=20, longest_pause=5.0), jitter=lambda: 1.0)


def pending(journal, *points, user_id="ada", due=DUE):
    """Awards that are due, one after the other."""
    entries = [done(claim(user_id), points=each, due=due) for each in points]
    for entry in entries:
        journal.record([entry])
    return entries


def scores_of(journal, entries):
    """What the journal has of them."""
    return [entry.score for entry in journal.record([entry._replace(stage=1) for entry in entries])]


async def test_nothing_is_sent_where_nothing_is_due(relay, journal, scripted):
    pending(journal, 1, due=DUE + 1)
    assert await relay.step() == LOOK_SECONDS
    assert scripted.calls == []


async def test_what_is_due_goes_in_one_call_oldest_first(relay, journal, scripted):
    entries = pending(journal, 1, 2, 3)
    assert await relay.step() == LOOK_SECONDS
    assert scripted.calls == [[1, 2, 3]]
    assert scores_of(journal, entries) == [101, 102, 103]
    assert await relay.step() == LOOK_SECONDS
    assert scripted.calls == [[1, 2, 3]]


async def test_a_single_award_goes_by_itself(relay, journal, scripted):
    entries = pending(journal, 7)
    await relay.step()
    assert scores_of(journal, entries) == [107]


async def test_a_call_has_no_more_than_a_batch_and_the_next_follows_at_once(relay, journal, scripted):
    pending(journal, *range(1, 51))
    assert [await relay.step() for _ in range(4)] == [0.0, 0.0, LOOK_SECONDS, LOOK_SECONDS]
    assert scripted.calls == [list(range(1, 21)), list(range(21, 41)), list(range(41, 51))]


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(grpc.StatusCode.UNAVAILABLE, id="not reached"),
        pytest.param(errors.Starting("soon"), id="starting"),
        pytest.param(errors.Overloaded("full"), id="overloaded"),
        pytest.param(errors.StorageUnavailable("gone"), id="no storage"),
        pytest.param(grpc.StatusCode.DEADLINE_EXCEEDED, id="too slow"),
    ],
)
async def test_pauses_grow_while_the_server_is_away_and_the_order_stays(relay, journal, scripted, failure):
    entries = pending(journal, *range(1, 31))
    scripted.next_calls = [failure] * 6
    assert [await relay.step() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert scripted.calls == [list(range(1, 21)), *([[1]] * 5)]
    scripted.calls.clear()
    assert [await relay.step() for _ in range(4)] == [0.0, 0.0, 0.0, LOOK_SECONDS]
    assert scripted.calls == [[1], list(range(2, 10)), list(range(10, 30)), [30]]
    assert scripted.taken == [entry.award_id for entry in entries]


async def test_an_award_that_is_delivered_late_is_kept_from_then_on(relay, journal, clock):
    """Its award is in the ledger long after the action was begun, and must not be of an action that is forgotten."""
    late, now = done(claim(), due=DUE), DUE + 7_200_000
    young = done(claim(claimed_at=now - 1000), due=DUE)
    journal.record([late, young])
    clock.now = now / 1000
    await relay.step()
    assert scores_of(journal, [late, young]) == [103, 103]
    assert journal.prune(now, 10) == 1
    assert scores_of(journal, [late]) == [103]


async def test_pauses_begin_anew_after_a_success(relay, journal, scripted):
    pending(journal, 1, 2)
    scripted.next_calls = [grpc.StatusCode.UNAVAILABLE] * 2 + [None, grpc.StatusCode.UNAVAILABLE]
    assert [await relay.step() for _ in range(4)] == [0.5, 1.0, 0.0, 0.5]


async def test_pauses_are_jittered(outbox, courier, journal, scripted):
    pending(journal, 1)
    scripted.next_calls = [grpc.StatusCode.UNAVAILABLE] * 2
    relay = Relay(outbox, courier, Pace(batch=20, longest_pause=5.0), jitter=lambda: 0.25)
    assert [await relay.step() for _ in range(2)] == [0.125, 0.25]


@pytest.mark.parametrize(
    "refusal",
    [
        errors.PointsOutOfBounds("too much", minimum=1, maximum=6),
        errors.ScoringRuleMissing("no rule"),
        errors.AwardIdReused("another"),
        errors.InvalidField("no user id"),
    ],
    ids=lambda refusal: refusal.reason,
)
@pytest.mark.parametrize("others", [[], [1, 3]], ids=["alone", "among others"])
async def test_a_permanent_refusal_is_recorded_and_stops_nobody(relay, journal, scripted, refusal, others):
    scripted.refused_points[2] = refusal
    (entry,), rest = pending(journal, 2), pending(journal, *others)
    assert await relay.step() == LOOK_SECONDS
    (settled,) = journal.record([entry._replace(stage=1)])
    assert json.loads(settled.rejection) == {
        "reason": refusal.reason,
        "message": refusal.message,
        "metadata": refusal.metadata,
    }
    assert (settled.due, settled.score) == (None, None)
    assert scores_of(journal, rest) == [100 + points for points in others]
    await relay.step()
    assert len(scripted.calls) == 1


async def test_what_is_refused_for_good_is_not_sent_again_though_it_would_count_now(courier, scripted):
    scripted.refused_points[2] = errors.UserBlocked("ada is blocked")
    bad, good = (Parcel(done(claim(), points=points)) for points in (2, 3))
    (refused,) = await courier.commit([bad])
    scripted.refused_points.clear()
    again, taken = await courier.commit([bad, good])
    assert (again, taken.score) == (refused, 103)
    assert scripted.calls == [[2], [3]]


async def test_an_award_that_the_server_fails_at_is_put_aside_and_tried_again(relay, journal, scripted, clock):
    entries = [*pending(journal, 1, user_id="bob"), *pending(journal, 2), *pending(journal, 3, user_id="bob")]
    scripted.failing_points[2] = grpc.StatusCode.INTERNAL
    steps = [await relay.step() for _ in range(4)]
    assert scripted.calls == [[1, 2, 3], [1], [2, 3], [2]]
    assert steps == [0.5, 0.0, 0.5, 1.0]
    await relay.step()
    assert scores_of(journal, entries) == [101, None, 103]
    del scripted.failing_points[2]
    clock.forward(59)
    await relay.step()
    assert scores_of(journal, entries) == [101, None, 103]
    clock.forward(1)
    await relay.step()
    assert scores_of(journal, entries) == [101, 102, 103]


async def test_behind_an_award_put_aside_its_user_waits_and_nobody_else(relay, journal, scripted, clock):
    first, bad, later = pending(journal, 1, 2, 3)
    (other,) = pending(journal, 4, user_id="bob")
    scripted.failing_points[bad.points] = grpc.StatusCode.INTERNAL
    for _ in range(5):
        await relay.step()
    (new,) = pending(journal, 5)
    await relay.step()
    assert scripted.taken == [first.award_id, other.award_id]
    del scripted.failing_points[bad.points]
    clock.forward(60)
    await relay.step()
    assert scripted.taken == [each.award_id for each in (first, other, bad, later, new)]


async def test_what_its_own_call_delivers_is_left_to_it_and_its_user_waits(relay, journal, scripted, flights):
    first, _ = pending(journal, 1, 2)
    pending(journal, 3, user_id="bob")
    end = asyncio.Event()
    flight = flights.start(first.key, "", lambda _: end.wait())
    await relay.step()
    assert scripted.calls == [[3]]
    end.set()
    await flight.wait(30)
    await relay.step()
    assert scripted.calls == [[3], [1, 2]]


async def test_it_goes_on_when_the_journal_fails(outbox, courier, journal, scripted, monkeypatch):
    (entry,) = pending(journal, 1)
    failures = [StorageUnavailable("gone"), RuntimeError("a fault of ours")]
    due = outbox.due

    async def fails_first(limit):
        if failures:
            raise failures.pop()
        return await due(limit)

    monkeypatch.setattr(outbox, "due", fails_first)
    with capture_logs() as logs:
        running = asyncio.create_task(Relay(outbox, courier, Pace(20, 5.0), jitter=lambda: 0.0).run())

        async def delivered():
            return scores_of(journal, [entry]) == [101]

        await comes(delivered, "the delivery")
        running.cancel()
    told = [(line["event"], line["log_level"], "exc_info" in line) for line in logs[:2]]
    assert told == [("relay failed", "error", True), ("the relay waits for the journal", "warning", False)]
