"""Awards of concurrent callers against a scripted server: what goes together, and whose answer is whose."""

import asyncio
from datetime import UTC, datetime

import grpc
import pytest
from google.protobuf.json_format import MessageToDict

from scorewire.score.v1.internal_pb2 import (
    ApplyScoresResponse,
)
from scorewire_client import ScorewireError, awarding, results
from scorewire_server import errors
from tests.unit.client.bank import APPLY, Bank
from tests.unit.client.conftest import Peer
from tests.waiting import becomes


@pytest.fixture
def bank(peer: Peer) -> Bank:
    return Bank(peer)


async def test_says_all_that_there_is_to_say(peer, caller, bank):
    time = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    award = await caller.award(
        "ada",
        10,
        action_type="level.finished",
        award_id="level-3",
        display_name="Ada",
        sign_in_time=time,
        client_address="192.0.2.1",
        action_time=time,
    )
    assert award == results.Award("", "", 0, 10, 0, 0, "level-3")
    assert MessageToDict(bank.requests[0]) == {
        "awards": [
            {
                "userId": "ada",
                "points": 10,
                "actionType": "level.finished",
                "awardId": "level-3",
                "displayName": "Ada",
                "signInTime": "2026-01-02T03:04:05.678Z",
                "clientAddress": "192.0.2.1",
                "actionTime": "2026-01-02T03:04:05.678Z",
            }
        ]
    }


async def test_every_award_has_an_id_under_which_it_is_sent_again(caller, bank):
    bank.failures = [grpc.StatusCode.UNAVAILABLE, errors.Overloaded("full"), errors.DeadlineExceeded("late")]
    first, second = await caller.award("ada", 1), await caller.award("ada", 1)
    assert first.award_id != second.award_id
    assert [request.awards[0].award_id for request in bank.requests] == [first.award_id] * 4 + [second.award_id]


async def test_nobody_waits_for_the_answers_of_others_and_each_has_its_own(caller, bank):
    bank.open.clear()
    first = asyncio.create_task(caller.award("first", 0))
    await becomes(lambda: len(bank.calls) == 1, "a call that is under way")
    others = [asyncio.create_task(caller.award(f"user{points}", points)) for points in range(1, 4)]
    await becomes(lambda: sum(map(len, bank.calls)) == 4, "the other awards")
    bank.open.set()
    assert [award.score for award in await asyncio.gather(first, *others)] == [0, 1, 2, 3]


async def test_a_refusal_is_for_its_award_alone(caller, bank):
    bank.refused["bob"] = errors.PointsOutOfBounds("7 is too much", minimum=1, maximum=6)
    ada, bob, cem = await asyncio.gather(
        *(caller.award(user, 7) for user in ("ada", "bob", "cem")), return_exceptions=True
    )
    assert (ada.score, cem.score) == (7, 7)
    assert isinstance(bob, ScorewireError)
    assert (bob.code, bob.reason, bob.metadata) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "POINTS_OUT_OF_BOUNDS",
        {"minimum": "1", "maximum": "6"},
    )


async def test_what_an_award_is_refused_for_is_not_sent_again(caller, bank):
    bank.refused["ada"] = errors.Cooldown("too soon")  # which says when another one counts
    with pytest.raises(ScorewireError, match="COOLDOWN"):
        await caller.award("ada", 1)
    assert len(bank.calls) == 1


async def test_a_call_that_fails_is_everybodys_own_error(caller, bank):
    bank.failures = [errors.CallerNotAllowed("not you")] * 3
    failed = await asyncio.gather(*(caller.award("ada", 1) for _ in range(3)), return_exceptions=True)
    assert [error.reason for error in failed] == ["CALLER_NOT_ALLOWED"] * 3
    assert len({id(error) for error in failed}) == 3


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(("ada", 2**31), ValueError, id="points that do not fit"),
        pytest.param(("ada", "many"), TypeError, id="points that are none"),
        pytest.param(("\ud800", 1), ValueError, id="no text"),
    ],
)
async def test_what_no_award_can_hold_hurts_its_caller_alone(caller, bank, arguments, problem):
    both = await asyncio.gather(caller.award(*arguments), caller.award("bob", 1), return_exceptions=True)
    assert isinstance(both[0], problem)
    assert both[1].score == 1
    assert bank.calls == [["bob"]]


async def test_a_time_needs_its_zone(caller, bank):
    with pytest.raises(ValueError, match="no time zone"):
        await caller.award("ada", 1, action_time=datetime(2026, 1, 1))  # noqa: DTZ001


async def test_calls_are_bounded(caller, bank, monkeypatch):
    monkeypatch.setattr(awarding, "MOST_AWARDS", 2)
    await asyncio.gather(*(caller.award("ada", 1) for _ in range(7)))
    assert sum(map(len, bank.calls)) == 7
    assert max(map(len, bank.calls)) <= 2


async def test_a_huge_award_goes_alone(caller, bank, monkeypatch):
    monkeypatch.setattr(awarding, "MOST_BYTES", 1000)
    names = ["small", "huge", "little"]
    await asyncio.gather(*(caller.award(name, 1, display_name="x" * 2000 * (name == "huge")) for name in names))
    assert ["huge"] in bank.calls
    assert sorted(user for call in bank.calls for user in call) == sorted(names)


async def test_too_many_are_refused_at_once(caller, bank, monkeypatch):
    monkeypatch.setattr(awarding, "MOST_OUTSTANDING", 2)
    bank.open.clear()
    taken = [asyncio.create_task(caller.award("ada", 1)) for _ in range(2)]
    await becomes(lambda: sum(map(len, bank.calls)) == 2, "awards that wait for their answers")
    with pytest.raises(ScorewireError, match="RESOURCE_EXHAUSTED: 2 awards of this client wait"):
        await caller.award("ada", 1)
    bank.open.set()
    await asyncio.gather(*taken)
    assert (await caller.award("ada", 3)).score == 3


async def test_an_answer_that_lacks_results_is_an_error(peer, caller):
    peer.expect(APPLY, [ApplyScoresResponse()])
    with pytest.raises(ScorewireError, match="0 results for 1 awards"):
        await caller.award("ada", 1)
