"""The gateway's line for a request has the status of gRPC as it was sent, and no guess."""

import json
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest

from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, UpdateScoreRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.e2e.grpc_web import call
from tests.refusals import outcome
from tests.stack import Stack
from tests.waiting import until

SERVICE = "scorewire.score.v1.ScoreService"


@pytest.fixture
def name() -> str:
    return uuid4().hex


def logged(stack: Stack, name: str) -> dict[str, Any]:
    """The line of the request of that id."""

    def line() -> dict[str, Any] | None:
        lines = [json.loads(each) for each in stack.gateway.log().splitlines() if f'"request_id":"{name}"' in each]
        return lines[0] if lines else None

    return until(line, "a line in the log")


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
