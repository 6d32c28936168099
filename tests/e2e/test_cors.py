"""Pages of other hosts: those that are allowed may call, by every way, and the others may not."""

import base64

import httpx
import pytest

from tests.e2e.grpc_web import BINARY, TEXT, frame

ALLOWED = "https://app.example.com"

DOORS = [
    pytest.param("/api/score/update", "POST", "authorization,content-type", id="REST, a write"),
    pytest.param("/api/leaderboard", "GET", "x-request-id", id="REST, a read"),
    pytest.param("/api/standings/ada", "GET", "content-type", id="REST, with a parameter in the path"),
    pytest.param("/scorewire.score.v1.ScoreService/GetLeaderboard", "POST", "content-type,x-grpc-web", id="gRPC-web"),
    pytest.param("/scorewire.score.v1.ScoreService/Nope", "POST", "content-type,x-grpc-web", id="what is not there"),
]


def preflight(rest: httpx.Client, path: str, method: str, headers: str, origin: str) -> httpx.Response:
    asked = {"access-control-request-method": method, "access-control-request-headers": headers}
    return rest.options(path, headers=asked | {"origin": origin})


@pytest.mark.parametrize(("path", "method", "headers"), DOORS)
def test_an_allowed_page_may_call(rest: httpx.Client, path: str, method: str, headers: str) -> None:
    answer = preflight(rest, path, method, headers, ALLOWED)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    assert set(headers.split(",")) <= set(answer.headers["access-control-allow-headers"].split(", "))


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("https://evil.example.com", id="another host"),
        pytest.param("http://app.example.com", id="another scheme"),
        pytest.param("https://app.example.com.evil.example", id="a host that begins alike"),
        pytest.param("https://app.example.com:8443", id="another port"),
        pytest.param("null", id="no origin"),
    ],
)
@pytest.mark.parametrize(("path", "method", "headers"), DOORS)
def test_other_pages_may_not(rest: httpx.Client, path: str, method: str, headers: str, origin: str) -> None:
    assert "access-control-allow-origin" not in preflight(rest, path, method, headers, origin).headers
    assert "access-control-allow-origin" not in rest.request(method, path, headers={"origin": origin}).headers


@pytest.mark.parametrize(
    ("method", "path", "content_type"),
    [
        pytest.param("GET", "/api/leaderboard", "application/json", id="an answer"),
        pytest.param("GET", "/api/standings/nobody", "application/json", id="a refusal"),
        pytest.param("POST", "/api/score/update", "application/json", id="a refused write"),
        pytest.param("GET", "/api/nope", "application/json", id="what is not there"),
        pytest.param("POST", "/scorewire.score.v1.ScoreService/UpdateScore", BINARY, id="gRPC-web"),
        pytest.param("POST", "/scorewire.score.v1.ScoreService/UpdateScore", TEXT, id="gRPC-web as text"),
        pytest.param("POST", "/scorewire.score.v1.ScoreService/Nope", BINARY, id="a method that is not there"),
    ],
)
def test_an_allowed_page_may_read_answers_and_errors(
    rest: httpx.Client, method: str, path: str, content_type: str
) -> None:
    body = {"application/json": b"", BINARY: frame(b""), TEXT: base64.b64encode(frame(b""))}[content_type]
    headers = {"origin": ALLOWED, "content-type": content_type}
    answer = rest.request(method, path, content=body, headers=headers)
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    shown = set(answer.headers["access-control-expose-headers"].split(", "))
    assert {"grpc-status", "grpc-message", "grpc-status-details-bin", "x-request-id", "retry-after"} <= shown


def test_cookies_are_never_asked_for(rest: httpx.Client) -> None:
    answer = preflight(rest, "/api/leaderboard", "GET", "content-type", ALLOWED)
    assert "access-control-allow-credentials" not in answer.headers
