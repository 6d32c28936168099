"""Both clients against a scripted server: answers, errors, and what is sent again."""

import asyncio
from datetime import UTC, datetime

import grpc
import pytest
from google.protobuf.json_format import MessageToDict

from scorewire.action.v1.action_pb2 import DoActionRequest, DoActionResponse
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardResponse,
    Leaderboard,
    ListStandingsRequest,
    ListStandingsResponse,
    Standing,
    UpdateScoreResponse,
)
from scorewire.session.v1.session_pb2 import SignInAsGuestResponse
from scorewire_client import ActionOutcome, AsyncScorewire, Award, Board, ScorewireError, results
from scorewire_server import errors
from tests.waiting import until

DO_ACTION = "/scorewire.action.v1.ActionService/DoAction"
UPDATE_SCORE = "/scorewire.score.v1.ScoreService/UpdateScore"
GET_LEADERBOARD = "/scorewire.score.v1.ScoreService/GetLeaderboard"
LIST_STANDINGS = "/scorewire.score.v1.ScoreService/ListStandings"
SIGN_IN = "/scorewire.session.v1.SessionService/SignInAsGuest"
LEADERBOARD = Leaderboard(
    board_id="main",
    revision=7,
    total_users=2,
    standings=[
        Standing(rank=1, user_id="ada", display_name="Ada", score=30),
        Standing(rank=2, user_id="bob", score=20),
    ],
)
TOP = GetLeaderboardResponse(leaderboard=LEADERBOARD, resume_token="r7")
REDEEMED = UpdateScoreResponse(
    message="Score updated successfully.", status="success", score_increase=10, score=40, rank=1, revision=8
)
ROLLED = DoActionResponse(message="Successfully", score=3, result="{}")
ALREADY = errors.TicketAlreadyRedeemed("the ticket has counted", scoreIncrease=10, score=40, revision=8)


async def test_reads_the_top_of_a_board(peer, caller):
    peer.expect(GET_LEADERBOARD, [TOP])
    ada, bob = results.Standing(1, "ada", "Ada", 30), results.Standing(2, "bob", None, 20)
    assert await caller.top(limit=2) == Board("main", 7, 2, (ada, bob), None, "r7")


async def test_acts_with_the_session_and_any_json(peer, caller):
    peer.expect(DO_ACTION, [DoActionResponse(message="Successfully", token="ticket", result='{"a": [1]}')])
    outcome = await caller.act({"x": [1, None, "é"]}, "quiz.answer", request_id="r1")
    assert outcome == ActionOutcome(
        "Successfully", "ticket", None, score_pending=False, result='{"a": [1]}', request_id="r1"
    )
    assert outcome.parsed == {"a": [1]}
    request, metadata = peer.received[0]
    assert metadata["authorization"] == "Bearer session-jwt"
    sent = MessageToDict(DoActionRequest.FromString(request))
    assert sent == {"some": {"x": [1.0, None, "é"]}, "actionType": "quiz.answer", "requestId": "r1"}


async def test_every_action_has_a_request_id_of_its_own(peer, caller):
    peer.expect(DO_ACTION, [ROLLED], [ROLLED])
    outcomes = [await caller.act(), await caller.act()]
    sent = [DoActionRequest.FromString(request).request_id for request, _ in peer.received]
    assert sent == [outcome.request_id for outcome in outcomes]
    assert len(set(sent)) == 2
    assert all(sent)


async def test_an_award_that_does_not_count_yet_is_told(peer, caller):
    peer.expect(DO_ACTION, [DoActionResponse(message="Successfully", score_pending=True, result="{}")], [ROLLED])
    outcome = await caller.act(None, "dice.roll")
    assert (outcome.score_pending, outcome.score, outcome.token) == (True, None, None)
    outcome = await caller.act(None, "dice.roll", request_id=outcome.request_id)
    assert (outcome.score_pending, outcome.score) == (False, 3)


@pytest.mark.parametrize(
    "failure",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        errors.DeadlineExceeded("the action goes on"),
        errors.ActionUnderWay("call again"),
        errors.Overloaded("full"),
    ],
    ids=lambda failure: getattr(failure, "reason", None) or failure.name,
)
async def test_an_action_is_sent_again_under_its_request_id(peer, caller, failure):
    peer.expect(DO_ACTION, [failure], [ROLLED])
    assert (await caller.act(None, "dice.roll")).score == 3
    first, again = peer.received
    assert first[0] == again[0]


async def test_signing_in_keeps_the_session(peer, caller):
    answer = SignInAsGuestResponse(token="new-jwt", user_id="guest-1", display_name="Ada")
    answer.expire_time.FromSeconds(1_700_000_000)
    peer.expect(SIGN_IN, [answer])
    peer.expect(DO_ACTION, [DoActionResponse(message="Successfully", score=3, result="{}")])
    session = await caller.sign_in_as_guest("Ada")
    assert session.expire_time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (await caller.act()).score == 3
    assert peer.received[1][1]["authorization"] == "Bearer new-jwt"


async def test_tokens_stay_out_of_representations(peer, caller):
    peer.expect(DO_ACTION, [DoActionResponse(message="Successfully", token="secret-ticket", result="{}")])
    assert "secret-ticket" not in repr(await caller.act())


async def test_iterates_over_every_page(peer, caller):
    first = ListStandingsResponse(standings=LEADERBOARD.standings[:1], next_page_token="next")
    last = ListStandingsResponse(standings=LEADERBOARD.standings[1:])
    peer.expect(LIST_STANDINGS, [first], [last])
    assert [standing.user_id async for standing in caller.each("standings", page_size=1)] == ["ada", "bob"]
    tokens = [ListStandingsRequest.FromString(request).page_token for request, _ in peer.received]
    assert tokens == ["", "next"]


async def test_errors_carry_code_reason_and_details(peer, caller):
    peer.expect(GET_LEADERBOARD, [errors.InvalidField("a field is wrong", fields={"limit": "at most 100"})])
    with pytest.raises(ScorewireError, match="INVALID_FIELD: a field is wrong") as raised:
        await caller.top(limit=101)
    error = raised.value
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert error.field_violations == {"limit": "at most 100"}
    assert error.retry_after is None


async def test_errors_of_others_have_no_reason(peer, caller):
    peer.expect(GET_LEADERBOARD, [grpc.StatusCode.UNIMPLEMENTED])
    with pytest.raises(ScorewireError, match="UNIMPLEMENTED: by script") as raised:
        await caller.top()
    assert raised.value.reason is None


@pytest.mark.parametrize(
    ("method", "call", "arguments", "failure", "answer"),
    [
        pytest.param(GET_LEADERBOARD, "top", (), grpc.StatusCode.UNAVAILABLE, TOP, id="read, server gone"),
        pytest.param(GET_LEADERBOARD, "top", (), errors.Draining("bye"), TOP, id="read, draining"),
        pytest.param(UPDATE_SCORE, "redeem", ("t", "d"), grpc.StatusCode.CANCELLED, REDEEMED, id="redeem, cut"),
        pytest.param(UPDATE_SCORE, "redeem", ("t", "d"), errors.Overloaded("full"), REDEEMED, id="redeem, overloaded"),
        pytest.param(
            UPDATE_SCORE,
            "redeem",
            ("t", "d"),
            errors.RateLimited("slowly", retry_after=0.01, limit=1, window=1, method="m"),
            REDEEMED,
            id="redeem, rate limited",
        ),
        pytest.param(
            UPDATE_SCORE, "redeem", ("t", "d"), grpc.StatusCode.UNAVAILABLE, REDEEMED, id="redeem, server gone"
        ),
    ],
)
async def test_sends_again(peer, caller, method, call, arguments, failure, answer):
    peer.expect(method, [failure], [answer])
    assert await getattr(caller, call)(*arguments)
    assert len(peer.received) == 2


@pytest.mark.parametrize(
    ("method", "call", "arguments", "failure"),
    [
        pytest.param(DO_ACTION, "act", (), errors.ActionRefused("no", refusal="NO"), id="an action that is refused"),
        pytest.param(DO_ACTION, "act", (), errors.ActionInterrupted("half"), id="an action that is interrupted"),
        pytest.param(GET_LEADERBOARD, "top", (), errors.DeadlineExceeded("late"), id="a read that took too long"),
        pytest.param(SIGN_IN, "sign_in_as_guest", ("Ada",), errors.Draining("bye"), id="a sign-in, whatever happens"),
        pytest.param(SIGN_IN, "sign_in_as_guest", ("Ada",), grpc.StatusCode.CANCELLED, id="a sign-in that is cut"),
        pytest.param(GET_LEADERBOARD, "top", (), errors.BoardUnknown("no"), id="a read that is refused"),
        pytest.param(UPDATE_SCORE, "redeem", ("t", "d"), errors.TicketExpired("late"), id="a ticket that is refused"),
    ],
)
async def test_never_sends_again(peer, caller, method, call, arguments, failure):
    peer.expect(method, [failure])
    with pytest.raises(ScorewireError) as raised:
        await getattr(caller, call)(*arguments)
    assert raised.value.reason == getattr(failure, "reason", None)
    assert len(peer.received) == 1


async def test_stops_sending_before_its_deadline(peer, caller):
    patient = errors.StorageUnavailable("wait")
    patient.retry_after = 60.0
    peer.expect(GET_LEADERBOARD, [patient])
    with pytest.raises(ScorewireError, match="STORAGE_UNAVAILABLE") as raised:
        await caller.top()
    assert raised.value.retry_after == 60.0


async def test_a_lost_answer_is_found_again(peer, caller):
    peer.expect(UPDATE_SCORE, [grpc.StatusCode.UNAVAILABLE], [ALREADY])
    assert await caller.redeem("t", "d") == Award("Score updated successfully.", "success", 10, 40, None, 8)


async def test_a_ticket_redeemed_by_somebody_else_is_an_error(peer, caller):
    peer.expect(UPDATE_SCORE, [ALREADY])
    with pytest.raises(ScorewireError) as raised:
        await caller.redeem("t", "d")
    assert raised.value.metadata == {"scoreIncrease": "10", "score": "40", "revision": "8"}


async def test_what_is_not_json_is_refused_before_it_is_sent(peer, caller):
    with pytest.raises(ValueError, match="must be a JSON value"):
        await caller.act(object())
    assert not peer.received


async def test_a_call_under_way_when_its_client_is_closed_is_not_sent_again(peer, caller):
    peer.expect(DO_ACTION, [None], [ROLLED])
    acting = asyncio.create_task(caller.act())
    await asyncio.to_thread(until, lambda: peer.received, "a call that is under way")
    await caller.close()
    ended = (await asyncio.gather(acting, return_exceptions=True))[0]
    assert isinstance(ended, ScorewireError | asyncio.CancelledError)
    assert len(peer.received) == 1


async def test_a_call_that_its_caller_cancels_is_not_sent_again(peer):
    peer.expect(DO_ACTION, [None], [ROLLED])
    async with AsyncScorewire(peer.address, session="session-jwt", timeout=5.0) as client:
        acting = asyncio.create_task(client.act())
        await asyncio.to_thread(until, lambda: peer.received, "a call that is under way")
        acting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await acting
    assert len(peer.received) == 1
