"""Why the score server refuses: each reason reached by a real call, with its code and what helps to go on."""

import json
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    GetStandingRequest,
    ListStandingsRequest,
    UpdateScoreRequest,
    WatchLeaderboardRequest,
)
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger
from tests.awards import check_ledger, decision
from tests.refusals import refusal
from tests.running import SECONDS, RunningServer

GET_LEADERBOARD = "/scorewire.score.v1.ScoreService/GetLeaderboard"
MIB = 1024 * 1024


def test_a_blocked_user_earns_nothing(start_score, tickets, tmp_path):
    url = sa.URL.create("sqlite", database=str(tmp_path / "score.db"))
    database = Database(url)
    database.migrate()
    Ledger(database).append([decision("block")], {})
    database.close()
    server = start_score()
    for way in (lambda: apply(server), lambda: redeem(server, tickets, action_data())):
        refused = refusal(way)
        assert (refused.code, refused.reason) == ("PERMISSION_DENIED", "USER_BLOCKED")
        assert (refused.metadata, refused.retry_after) == ({"userId": "ada"}, None)
    both = [ApplyScoreRequest(user_id=user, points=1) for user in ("ada", "bob")]
    results = server.internal().ApplyScores(ApplyScoresRequest(awards=both)).results
    assert [result.WhichOneof("outcome") for result in results] == ["refused", "applied"]
    assert [award.user_id for award in check_ledger(url)] == ["ada", "bob"]


@pytest.fixture(scope="module")
def server(grpc_server: RunningServer) -> RunningServer:
    """With one award of ada's."""
    grpc_server.internal().ApplyScore(ApplyScoreRequest(user_id="ada", points=5, award_id="ada-1"))
    return grpc_server


def apply(server: RunningServer, **fields: Any) -> Any:
    return server.internal().ApplyScore(ApplyScoreRequest(**({"user_id": "ada", "points": 1} | fields)))


def redeem(server: RunningServer, tickets: Any, data: str) -> Any:
    ticket = [("authorization", f"Bearer {tickets.issue('ada', None, data)}")]
    return server.scores().UpdateScore(UpdateScoreRequest(data=data), metadata=ticket)


def action_data(**members: Any) -> str:
    return json.dumps({"actionId": uuid4().hex, "actionType": "dice.roll", "result": {"rolled": 3}} | members)


def raw(server: RunningServer, request: bytes, method: str = GET_LEADERBOARD, identity: str = "ops") -> Any:
    return server.channel(identity).unary_unary(method)(request, timeout=SECONDS)


ROWS = [
    pytest.param("INVALID_FIELD", "INVALID_ARGUMENT", lambda s, _: apply(s, user_id=""), {}, id="a broken field rule"),
    pytest.param("REQUEST_MALFORMED", "INVALID_ARGUMENT", lambda s, _: raw(s, b"\xff"), {}, id="undecodable bytes"),
    pytest.param("REQUEST_MALFORMED", "INVALID_ARGUMENT", lambda s, _: raw(s, b"\x0a\x01\xff"), {}, id="no UTF-8"),
    pytest.param(
        "MESSAGE_TOO_LARGE",
        "RESOURCE_EXHAUSTED",
        lambda s, _: raw(s, bytes(MIB + 1)),
        {"limit": str(MIB), "size": str(MIB + 1)},
        id="one byte over 1 MiB",
    ),
    pytest.param(
        "CALLER_NOT_ALLOWED",
        "PERMISSION_DENIED",
        lambda s, _: s.internal("gateway").ApplyScore(ApplyScoreRequest(user_id="ada", points=1)),
        {"caller": "gateway", "service": "scorewire.score.v1.ScoreInternalService", "method": "ApplyScore"},
        id="an identity that is not on the list",
    ),
    pytest.param(
        "CALLER_UNKNOWN", "UNAUTHENTICATED", lambda s, _: forwarded(s, "Hash=1"), {}, id="no forwarded identity"
    ),
    pytest.param(
        "TICKET_MISSING",
        "UNAUTHENTICATED",
        lambda s, _: s.scores().UpdateScore(UpdateScoreRequest(data="{}")),
        {},
        id="no ticket",
    ),
    pytest.param(
        "TICKET_MISSING",
        "UNAUTHENTICATED",
        lambda s, _: s.scores().UpdateScore(
            UpdateScoreRequest(data="{}"),
            metadata=[("authorization", "Bearer a.b.c"), ("authorization", "Bearer a.b.c")],
        ),
        {},
        id="two tickets",
    ),
    pytest.param(
        "ACTION_DATA_INVALID", "INVALID_ARGUMENT", lambda s, t: redeem(s, t, "no JSON"), {"field": ""}, id="no JSON"
    ),
    pytest.param(
        "ACTION_DATA_INVALID",
        "INVALID_ARGUMENT",
        lambda s, t: redeem(s, t, '["dice.roll"]'),
        {"field": "actionType"},
        id="no object",
    ),
    pytest.param(
        "ACTION_DATA_INVALID",
        "INVALID_ARGUMENT",
        lambda s, t: redeem(s, t, action_data(actionType=7)),
        {"field": "actionType"},
        id="no action type",
    ),
    pytest.param(
        "ACTION_DATA_INVALID",
        "INVALID_ARGUMENT",
        lambda s, t: redeem(s, t, action_data(result={})),
        {"field": "rolled"},
        id="not what the rule reads",
    ),
    pytest.param(
        "SCORING_RULE_MISSING",
        "FAILED_PRECONDITION",
        lambda s, t: redeem(s, t, action_data(actionType="chess.win")),
        {"actionType": "chess.win"},
        id="a ticket for an action without a rule",
    ),
    pytest.param(
        "SCORING_RULE_MISSING",
        "FAILED_PRECONDITION",
        lambda s, _: apply(s, action_type="chess.win"),
        {"actionType": "chess.win"},
        id="an action without a rule",
    ),
    pytest.param(
        "POINTS_OUT_OF_BOUNDS",
        "INVALID_ARGUMENT",
        lambda s, t: redeem(s, t, action_data(result={"rolled": 7})),
        {"minimum": "1", "maximum": "6"},
        id="a ticket worth too much",
    ),
    pytest.param(
        "POINTS_OUT_OF_BOUNDS",
        "INVALID_ARGUMENT",
        lambda s, _: apply(s, points=-(2**31)),
        {"minimum": "-1000000000", "maximum": "1000000000"},
        id="points below the least",
    ),
    pytest.param(
        "AWARD_ID_REUSED",
        "ALREADY_EXISTS",
        lambda s, _: apply(s, award_id="ada-1", points=6),
        {"awardId": "ada-1"},
        id="an id with other points",
    ),
    pytest.param(
        "AWARD_ID_REUSED",
        "ALREADY_EXISTS",
        lambda s, _: apply(s, award_id="ada-1", points=5, user_id="bob", display_name="Bob"),
        {"awardId": "ada-1"},
        id="an id of another user",
    ),
    *[
        pytest.param("BOARD_UNKNOWN", "NOT_FOUND", call, {"boards": "dice, main"}, id=f"no such board to {name}")
        for name, call in {
            "get": lambda s, _: s.scores().GetLeaderboard(GetLeaderboardRequest(board_id="chess")),
            "stand on": lambda s, _: s.scores().GetStanding(GetStandingRequest(user_id="ada", board_id="chess")),
            "list": lambda s, _: s.scores().ListStandings(ListStandingsRequest(board_id="chess")),
            "watch": lambda s, _: next(s.scores().WatchLeaderboard(WatchLeaderboardRequest(board_id="chess"))),
        }.items()
    ],
    pytest.param(
        "STANDING_NOT_FOUND",
        "NOT_FOUND",
        lambda s, _: s.scores().GetStanding(GetStandingRequest(user_id="nobody")),
        {"userId": "nobody", "boardId": "main"},
        id="a user without an award",
    ),
    pytest.param(
        "PAGE_TOKEN_INVALID",
        "INVALID_ARGUMENT",
        lambda s, _: s.scores().ListStandings(ListStandingsRequest(page_token="nonsense")),
        {},
        id="a page token that is none",
    ),
    pytest.param(
        "RESUME_TOKEN_INVALID",
        "INVALID_ARGUMENT",
        lambda s, _: next(s.scores().WatchLeaderboard(WatchLeaderboardRequest(resume_token="nonsense"))),
        {},
        id="a resume token that is none",
    ),
]


def forwarded(server: RunningServer, *headers: str, identity: str = "gateway-internal") -> Any:
    metadata = [("x-forwarded-client-cert", header) for header in headers]
    return server.internal(identity).ApplyScore(ApplyScoreRequest(user_id="ada", points=0), metadata=metadata)


@pytest.mark.parametrize(("reason", "code", "call", "metadata"), ROWS)
def test_each_reason(server, tickets, reason, code, call, metadata):
    before = server.scores().GetLeaderboard(GetLeaderboardRequest())
    refused = refusal(lambda: call(server, tickets))
    assert (refused.code, refused.reason, refused.metadata) == (code, reason, metadata)
    assert refused.message
    assert refused.retry_after is None
    assert server.scores().GetLeaderboard(GetLeaderboardRequest()) == before


def test_a_page_token_of_another_database(server, start_score):
    other = start_score()
    for name in ("ada", "bob"):
        apply(other, user_id=name)
    token = other.scores().ListStandings(ListStandingsRequest(page_size=1)).next_page_token
    assert token
    refused = refusal(lambda: server.scores().ListStandings(ListStandingsRequest(page_token=token)))
    assert refused.reason == "PAGE_TOKEN_INVALID"


URI = "URI=spiffe://scorewire.local"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        pytest.param([f"By=spiffe://x/y;Hash=1;{URI}/action"], None, id="a caller that is allowed"),
        pytest.param([f'{URI}/ops;Subject="CN=a"'], None, id="the operator"),
        pytest.param([f"{URI}/gateway"], "CALLER_NOT_ALLOWED", id="a caller that is not allowed"),
        pytest.param([f"{URI}/gateway-internal"], "CALLER_NOT_ALLOWED", id="itself"),
        pytest.param([], "CALLER_UNKNOWN", id="nobody"),
        pytest.param(["Hash=1"], "CALLER_UNKNOWN", id="a certificate without a URI"),
        pytest.param(["URI=spiffe://elsewhere/action"], "CALLER_UNKNOWN", id="another trust domain"),
        pytest.param([f"{URI}/"], "CALLER_UNKNOWN", id="no name"),
        pytest.param([f"{URI}/action;{URI}/ops"], "CALLER_UNKNOWN", id="two URIs"),
        pytest.param([f"{URI}/action", f"{URI}/action"], "CALLER_UNKNOWN", id="two headers"),
        pytest.param([f"{URI}/action,{URI}/action"], "CALLER_NOT_ALLOWED", id="two certificates"),
    ],
)
def test_the_internal_gateway_speaks_for_the_certificate_it_has_seen(server, headers, reason):
    if reason is None:
        assert forwarded(server, *headers).status == "success"
    else:
        assert refusal(lambda: forwarded(server, *headers)).reason == reason


@pytest.mark.parametrize("identity", ["gateway", "score"])
def test_nobody_else_speaks_for_others(server, identity):
    refused = refusal(lambda: forwarded(server, f"{URI}/ops", identity=identity))
    assert (refused.reason, refused.metadata["caller"]) == ("CALLER_NOT_ALLOWED", identity)


def test_who_may_not_call_learns_nothing_of_the_request(server):
    method = "/scorewire.score.v1.ScoreInternalService/ApplyScore"
    for request in (b"\xff", b"", bytes(MIB + 1)):
        assert refusal(lambda r=request: raw(server, r, method, "gateway")).reason == "CALLER_NOT_ALLOWED"


def test_a_request_of_exactly_1_mib_is_read(server):
    request = b"\x7a\xfc\xff\x3f" + bytes(MIB - 4)  # a field that nobody knows, with all the rest in it
    assert raw(server, request) == raw(server, b"")


def test_much_larger_requests_are_refused_by_grpc_itself(server):
    refused = refusal(lambda: raw(server, bytes(4 * MIB + 1)))
    assert (refused.code, refused.reason) == ("RESOURCE_EXHAUSTED", None)


@pytest.mark.parametrize(
    "method",
    ["/scorewire.score.v1.ScoreService/Missing", "/scorewire.score.v1.Missing/Get", "/grpc.health.v1.Health/Missing"],
)
def test_a_method_that_is_not_there(server, method):
    assert refusal(lambda: raw(server, b"", method)).code == "UNIMPLEMENTED"
