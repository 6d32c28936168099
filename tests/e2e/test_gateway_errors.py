"""Errors that the gateway makes itself, over REST, gRPC and gRPC-web."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path

import grpc
import httpx
import pytest

from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, UpdateScoreRequest, WatchLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire.session.v1.session_pb2 import SignInAsGuestRequest
from scorewire.session.v1.session_pb2_grpc import SessionServiceStub
from tests.e2e.grpc_web import BINARY, TEXT, call
from tests.e2e.players import Player, reason
from tests.processes import free_ports
from tests.refusals import refusal
from tests.stack import GatewayProcess, Stack
from tests.waiting import until

BOARD = "scorewire.score.v1.ScoreService/GetLeaderboard"
SIGN_IN = "scorewire.session.v1.SessionService/SignInAsGuest"

EVENTS = "text/event-stream"
"""Only of the watch's events an error is a stream that ends at once."""


@contextmanager
def gateway(stack: Stack, folder: Path, score: str, action: str, **env: str) -> Iterator[GatewayProcess]:
    """Another gateway with the certificates of the stack, which listens."""
    process = GatewayProcess(folder, score, action, {"SCOREWIRE_CERTS_DIR": str(stack.folder / "certs")} | env)
    process.start()
    try:
        yield process.wait_listening()
    finally:
        process.kill()


@pytest.fixture(scope="module")
def lonely(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway with nobody behind it."""
    score, action = (f"127.0.0.1:{port}" for port in free_ports(2))
    with gateway(stack, tmp_path_factory.mktemp("lonely"), score, action) as lonely:
        yield lonely


@pytest.mark.parametrize(
    ("method", "path", "accept"),
    [
        pytest.param("GET", "/api/leaderboard", EVENTS, id="a read"),
        pytest.param("GET", "/api/leaderboard/watch", "application/json", id="a watch"),
        pytest.param("POST", "/api/score/update", EVENTS, id="a write"),
        pytest.param("POST", "/api/action/do-some", EVENTS, id="an action"),
        pytest.param("POST", "/api/session/guest", EVENTS, id="signing in"),
    ],
)
def test_rest_without_a_server(lonely: GatewayProcess, method: str, path: str, accept: str) -> None:
    answer = httpx.request(method, lonely.url + path, headers={"accept": accept})
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["retry-after"] == "1"
    assert reason(answer) == "UPSTREAM_UNAVAILABLE"
    assert answer.json()["details"][1]["retryDelay"] == "1s"


def test_grpc_without_a_server(lonely: GatewayProcess) -> None:
    with grpc.insecure_channel(lonely.address, [("grpc.enable_retries", 0)]) as channel:
        stub = ScoreServiceStub(channel)
        for ask in (
            lambda: stub.GetLeaderboard(GetLeaderboardRequest(), timeout=20),
            lambda: stub.UpdateScore(UpdateScoreRequest(data="x"), timeout=20),
            lambda: list(stub.WatchLeaderboard(WatchLeaderboardRequest(), timeout=20)),
        ):
            refused = refusal(ask)
            assert (refused.code, refused.reason) == ("UNAVAILABLE", "UPSTREAM_UNAVAILABLE")
            assert refused.retry_after == 1


@pytest.mark.parametrize("content_type", [pytest.param(BINARY, id="binary"), pytest.param(TEXT, id="text")])
def test_grpc_web_without_a_server(lonely: GatewayProcess, content_type: str) -> None:
    refused = call(lonely.url, BOARD, GetLeaderboardRequest(), content_type).refusal
    assert (refused.code, refused.reason, refused.retry_after) == ("UNAVAILABLE", "UPSTREAM_UNAVAILABLE", 1)


def test_the_page_is_there_without_a_server(lonely: GatewayProcess) -> None:
    assert httpx.get(lonely.url).status_code == httpx.codes.OK


def test_a_server_with_another_identity_gets_nothing(stack: Stack, tmp_path: Path) -> None:
    with gateway(stack, tmp_path, stack.action.address, stack.score.address) as crossed:
        for method, path in (("GET", "/api/leaderboard"), ("POST", "/api/action/do-some")):
            answer = httpx.request(method, crossed.url + path)
            assert (answer.status_code, reason(answer)) == (503, "UPSTREAM_UNAVAILABLE")
        failed = "envoy_cluster_ssl_fail_verify_san"
        seen = f"http://127.0.0.1:{crossed.metrics_port}/metrics"
        until(lambda: f'{failed}{{envoy_cluster_name="score"}} 0' not in httpx.get(seen).text, "a refused certificate")


def test_a_deadline_that_is_over(stack: Stack, player: Player, tmp_path: Path) -> None:
    headers = player.session | {"grpc-timeout": "200m"}
    body = {"some": str(tmp_path / "never"), "actionType": "slow.wait"}
    answer = httpx.post(f"{stack.url}/api/action/do-some", json=body, headers=headers, timeout=30)
    # On a busy machine the server may be first to say so, and then there is no reason with it.
    assert (answer.status_code, answer.json()["code"]) == (504, grpc.StatusCode.DEADLINE_EXCEEDED.value[0])


def test_a_grpc_message_that_is_too_large(stack: Stack) -> None:
    with grpc.insecure_channel(stack.gateway.address) as channel:
        update = ScoreServiceStub(channel).UpdateScore
        for size in (1024 * 1024, 8 * 1024 * 1024):
            refused = refusal(lambda: update(UpdateScoreRequest(data="x" * size), timeout=20))  # noqa: B023
            assert (refused.code, refused.reason) == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")


@pytest.mark.parametrize(
    "request_line",
    [
        pytest.param("GET /api/leaderboard HTTP/1.1\r\nbad header", id="a header without a colon"),
        pytest.param("G@T /api/leaderboard HTTP/1.1\r\nhost: scorewire", id="no method"),
        pytest.param("GET /api/leaderboard HTTP/1.1", id="no host"),
        pytest.param("POST /api/score/update HTTP/1.1\r\nhost: x\r\ncontent-length: two", id="no length"),
    ],
)
def test_what_is_not_http_is_refused(stack: Stack, request_line: str) -> None:
    with socket.create_connection(("127.0.0.1", stack.gateway.port), timeout=20) as connection:
        connection.sendall(f"{request_line}\r\n\r\n".encode())
        answer = HTTPResponse(connection)
        answer.begin()
        assert (answer.status, reason(httpx.Response(400, content=answer.read()))) == (400, "REQUEST_MALFORMED")


def test_headers_that_are_too_large(rest: httpx.Client) -> None:
    answer = rest.get("/api/leaderboard", headers={"x-large": "x" * 70_000})
    assert (answer.status_code, reason(answer)) == (431, "MESSAGE_TOO_LARGE")


def test_every_error_says_what_to_do_next(rest: httpx.Client, lonely: GatewayProcess) -> None:
    messages = {
        rest.get("/nope").json()["message"]: "README",
        rest.put("/api/leaderboard").json()["message"]: "allow",
        rest.post("/api/score/update", content="{").json()["message"]: "mend",
        rest.post("/api/score/update", content="x" * 2_000_000).json()["message"]: "send less",
        httpx.get(f"{lonely.url}/api/leaderboard").json()["message"]: "call again",
    }
    assert all(advice in message for message, advice in messages.items())


@pytest.fixture(scope="module")
def bare(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway that serves nothing which has to be switched on."""
    folder = tmp_path_factory.mktemp("bare")
    off = {
        "SCOREWIRE_ACTION__GUESTS": "false",
        "SCOREWIRE_SCORE__REFLECTION": "false",
        "SCOREWIRE_GATEWAY__PAGE_DIR": str(folder),
    }
    with gateway(stack, folder, stack.score.address, stack.action.address, **off) as bare:
        yield bare.wait_ready()


def test_switched_off_guests_over_rest(bare: GatewayProcess) -> None:
    answer = httpx.post(f"{bare.url}/api/session/guest", json={"displayName": "Ada"})
    assert (answer.status_code, reason(answer)) == (404, "ROUTE_UNKNOWN")


def test_switched_off_guests_over_grpc(bare: GatewayProcess) -> None:
    with grpc.insecure_channel(bare.address) as channel:
        sign_in = SessionServiceStub(channel).SignInAsGuest
        refused = refusal(lambda: sign_in(SignInAsGuestRequest(display_name="Ada"), timeout=20))
    assert (refused.code, refused.reason) == ("UNIMPLEMENTED", "ROUTE_UNKNOWN")


def test_switched_off_guests_over_grpc_web(bare: GatewayProcess) -> None:
    refused = call(bare.url, SIGN_IN, SignInAsGuestRequest(display_name="Ada")).refusal
    assert (refused.code, refused.reason) == ("UNIMPLEMENTED", "ROUTE_UNKNOWN")


def test_switched_off_reflection(bare: GatewayProcess) -> None:
    refused = call(bare.url, "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", SignInAsGuestRequest())
    assert refused.refusal.reason == "ROUTE_UNKNOWN"


def test_switched_off_cors(bare: GatewayProcess) -> None:
    answer = httpx.get(f"{bare.url}/api/leaderboard", headers={"origin": "https://app.example.com"})
    assert "access-control-allow-origin" not in answer.headers


def test_a_page_that_is_not_built(bare: GatewayProcess) -> None:
    answer = httpx.get(bare.url)
    assert answer.status_code == httpx.codes.NOT_IMPLEMENTED
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "make web" in answer.text
