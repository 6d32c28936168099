"""gRPC-web, binary and text, as browsers send it."""

import json

import pytest
from google.protobuf.struct_pb2 import Value

from scorewire.action.v1.action_pb2 import DoActionRequest, DoActionResponse
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    GetLeaderboardResponse,
    GetStandingRequest,
    GetStandingResponse,
    UpdateScoreRequest,
    UpdateScoreResponse,
    WatchLeaderboardRequest,
)
from scorewire.session.v1.session_pb2 import SignInAsGuestRequest, SignInAsGuestResponse
from tests.e2e.grpc_web import BINARY, TEXT, call
from tests.e2e.players import Player
from tests.stack import Stack

DO = "scorewire.action.v1.ActionService/DoAction"
UPDATE = "scorewire.score.v1.ScoreService/UpdateScore"
STANDING = "scorewire.score.v1.ScoreService/GetStanding"
BOARD = "scorewire.score.v1.ScoreService/GetLeaderboard"
SIGN_IN = "scorewire.session.v1.SessionService/SignInAsGuest"

both = pytest.mark.parametrize("content_type", [pytest.param(BINARY, id="binary"), pytest.param(TEXT, id="text")])


@both
def test_a_whole_turn(stack: Stack, content_type: str) -> None:
    guest = SignInAsGuestRequest(display_name="Web")
    signed_in = call(stack.url, SIGN_IN, guest, content_type).only(SignInAsGuestResponse)
    session = f"Bearer {signed_in.token}"

    ask = DoActionRequest(action_type="quiz.answer", some=Value(null_value=0))
    asked = call(stack.url, DO, ask, content_type, authorization=session)
    assert asked.content_type == content_type
    question = json.loads(asked.only(DoActionResponse).result)["result"]["question"]

    rolled = call(stack.url, DO, DoActionRequest(), content_type, authorization=session).only(DoActionResponse)
    assert rolled.score == json.loads(rolled.result)["result"]["rolled"]

    assert question
    mine = GetStandingRequest(user_id=signed_in.user_id)
    assert call(stack.url, STANDING, mine, content_type).only(GetStandingResponse).standing.score == rolled.score
    board = call(stack.url, BOARD, GetLeaderboardRequest(), content_type).only(GetLeaderboardResponse)
    assert board.leaderboard.standings


@both
def test_redeeming_a_ticket(stack: Stack, player: Player, content_type: str) -> None:
    outcome = player.answer_quiz().json()
    request = UpdateScoreRequest(data=outcome["result"])
    ticket = f"Bearer {outcome['token']}"
    award = call(stack.url, UPDATE, request, content_type, authorization=ticket).only(UpdateScoreResponse)
    assert award.score_increase == 10


@both
def test_a_refusal_has_its_details_in_the_trailers(stack: Stack, content_type: str) -> None:
    answer = call(stack.url, UPDATE, UpdateScoreRequest(data="x"), content_type)
    assert answer.messages == []
    assert answer.refusal.code == "UNAUTHENTICATED"
    assert answer.refusal.reason == "TICKET_MISSING"


@both
def test_a_watch_that_is_refused(stack: Stack, content_type: str) -> None:
    request = WatchLeaderboardRequest(board_id="none")
    answer = call(stack.url, "scorewire.score.v1.ScoreService/WatchLeaderboard", request, content_type)
    assert answer.refusal.reason == "BOARD_UNKNOWN"


@both
def test_a_method_that_is_not_there(stack: Stack, content_type: str) -> None:
    answer = call(stack.url, "scorewire.score.v1.ScoreService/Nope", GetLeaderboardRequest(), content_type)
    assert (answer.refusal.code, answer.refusal.reason) == ("UNIMPLEMENTED", "ROUTE_UNKNOWN")


@both
def test_a_message_over_one_mebibyte(stack: Stack, content_type: str) -> None:
    answer = call(stack.url, UPDATE, UpdateScoreRequest(data="x" * 1024 * 1024), content_type)
    assert (answer.refusal.code, answer.refusal.reason) == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")
