"""The gateway's lines: which requests have one, and the status of gRPC in it as it was sent, and no guess."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, UpdateScoreRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.e2e.grpc_web import call
from tests.e2e.test_internal_listener import internal, post
from tests.refusals import outcome
from tests.stack import GatewayProcess, Stack
from tests.waiting import until

SERVICE = "scorewire.score.v1.ScoreService"
ONCE = """
default_board = "main"
[boards.main]
[actions."daily.bonus"]
points = 1
boards = ["main"]
caps = [{ per = "1d", awards = 1 }]
"""
MANY = 300
"""Of which one in a hundred is three, and never thirty."""


@pytest.fixture
def name() -> str:
    return uuid4().hex


def logged(stack: Stack, name: str, count: int = 1) -> dict[str, Any]:
    """The first of so many lines of requests of that id, when they are there."""
    until(lambda: len(logged_by_now(stack.gateway, name)) == count, "lines in the log")
    return logged_by_now(stack.gateway, name)[0]


def logged_by_now(gateway: GatewayProcess, name: str) -> list[dict[str, Any]]:
    """The lines of requests of that id."""
    return [json.loads(each) for each in gateway.log().splitlines() if f'"request_id":"{name}"' in each]


def test_over_grpc(stack: Stack, name: str) -> None:
    metadata = [("x-request-id", name)]
    with grpc.insecure_channel(stack.gateway.address) as channel:
        ScoreServiceStub(channel).GetLeaderboard(GetLeaderboardRequest(), metadata=metadata)
    assert logged(stack, name)["grpc_status"] == "OK"


def test_over_grpc_refused(stack: Stack, name: str) -> None:
    metadata = [("x-request-id", name)]
    with grpc.insecure_channel(stack.gateway.address) as channel:
        assert outcome(lambda: ScoreServiceStub(channel).UpdateScore(UpdateScoreRequest(data="x"), metadata=metadata))
    assert logged(stack, name)["grpc_status"] == "UNAUTHENTICATED"


def test_over_grpc_web(stack: Stack, name: str) -> None:
    call(stack.url, f"{SERVICE}/GetLeaderboard", GetLeaderboardRequest(), x_request_id=name)
    assert logged(stack, name).get("grpc_status", "OK") == "OK"


def test_over_grpc_web_refused(stack: Stack, name: str) -> None:
    call(stack.url, f"{SERVICE}/UpdateScore", UpdateScoreRequest(data="x"), x_request_id=name)
    assert logged(stack, name)["grpc_status"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("path", ["/api/leaderboard?limit=0", "/api/leaderboard?zzz=1", "/nope"])
def test_over_rest_refused(stack: Stack, name: str, path: str) -> None:
    status = httpx.get(f"{stack.url}{path}", headers={"x-request-id": name}).status_code
    line = logged(stack, name)
    assert line["status"] == status
    assert "grpc_status" not in line


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A score server that gives an award once a day, behind a gateway that takes so many requests of an address."""
    folder = tmp_path_factory.mktemp("narrow")
    (folder / "rules.toml").write_text(ONCE)
    own = {"SCOREWIRE_SCORE__RULES_FILE": str(folder / "rules.toml")}
    with Stack(folder, **own, SCOREWIRE_GATEWAY__ADDRESS_REQUESTS=f"{MANY}/day") as stack:
        yield stack


def test_each_award_that_a_server_refuses_has_a_line_over_rest(narrow: Stack, name: str) -> None:
    asked = {"userId": "ada", "points": 1, "actionType": "daily.bonus"}
    tls = narrow.gateway.client_tls("ops")
    codes = Counter(post(narrow, tls, asked, headers={"x-request-id": name}).status_code for _ in range(21))
    assert codes == {200: 1, 429: 20}
    logged(narrow, name, 21)


def test_each_award_that_a_server_refuses_has_a_line_over_grpc(narrow: Stack, name: str) -> None:
    asked = ApplyScoreRequest(user_id="bob", points=1, action_type="daily.bonus")
    with internal(narrow, "ops") as channel:
        ask = ScoreInternalServiceStub(channel).ApplyScore
        told = [outcome(lambda: ask(asked, metadata=[("x-request-id", name)])) for _ in range(21)]
    assert Counter(each and each.reason for each in told) == {None: 1, "CAP_REACHED": 20}
    logged(narrow, name, 21)


@pytest.mark.parametrize("lie", [{}, {"x-forwarded-proto": ""}], ids=str)
def test_of_many_that_the_gateway_refuses_few_have_a_line(narrow: Stack, name: str, lie: dict[str, str]) -> None:
    """Whatever their headers say: nobody fills the log at less than the price of a call."""
    last, address = uuid4().hex, f"127.0.1.{1 + len(str(lie))}"
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=narrow.url, transport=transport, headers={"x-request-id": name} | lie) as client:
        codes = Counter(client.get("/api/leaderboard").status_code for _ in range(2 * MANY))
    assert codes == {200: MANY, 429: MANY}
    httpx.get(f"{narrow.url}/api/leaderboard", headers={"x-request-id": last}, timeout=30)
    logged(narrow, last)
    assert Counter(line["status"] for line in logged_by_now(narrow.gateway, name))[429] < MANY / 10
