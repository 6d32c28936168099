"""What the public listener serves, and what it does not, however it is spelled."""

from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_server.gateway.contract import rpcs
from scorewire_server.gateway.routes import INTERNAL_SERVICE
from tests.e2e.grpc_web import BINARY, call
from tests.e2e.players import reason
from tests.stack import Stack

AWARD = '{"userId": "intruder", "points": 10}'

SPELLINGS = [
    pytest.param("/api/internal/score/update", id="as it is"),
    pytest.param("/API/internal/score/update", id="upper case"),
    pytest.param("/api/Internal/Score/Update", id="title case"),
    pytest.param("//api//internal///score/update", id="doubled slashes"),
    pytest.param("/api%2Finternal%2Fscore%2Fupdate", id="escaped slashes"),
    pytest.param("/api%2finternal/score/update", id="one escaped slash, lower case"),
    pytest.param("/api%252Finternal%252Fscore%252Fupdate", id="slashes escaped twice"),
    pytest.param("/api/x/../internal/score/update", id="dots"),
    pytest.param("/api/x/%2e%2e/internal/score/update", id="escaped dots"),
    pytest.param("/api/x%2F..%2Finternal/score/update", id="dots between escaped slashes"),
    pytest.param("/api/./internal/score/update", id="a single dot"),
    pytest.param("/../api/internal/score/update", id="dots above the root"),
    pytest.param("/api/%69nternal/score/update", id="an escaped letter"),
    pytest.param("/api/internal%5Cscore%5Cupdate", id="backslashes"),
    pytest.param("/api/internal/score/update/", id="a slash at the end"),
    pytest.param("/api/internal/score/update;x=1", id="a parameter of the path"),
    pytest.param("/api/internal/score/update?x", id="a query"),
    pytest.param("/api/leaderboard/../internal/score/update", id="through a path that is there"),
    pytest.param("/api/standings/..%2Finternal/score/update", id="through a user id"),
    pytest.param("/api/standings/%2e%2e/internal/score/update", id="through dots for a user id"),
    pytest.param("/metrics", id="metrics"),
    pytest.param("/stats/prometheus", id="statistics"),
    pytest.param("/quitquitquit", id="administration"),
    pytest.param("/grpc.health.v1.Health/Check", id="health"),
]


def raw(stack: Stack, method: str, path: str, body: str = AWARD, **headers: str) -> httpx.Response:
    """Sends a path as it stands, which most clients would tidy up; underscores in names of headers stand for dashes."""
    connection = HTTPConnection("127.0.0.1", stack.gateway.port, timeout=30)
    with closing(connection):
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())


@pytest.mark.parametrize("path", SPELLINGS)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_internal_path_is_not_there(stack: Stack, method: str, path: str) -> None:
    answer = raw(stack, method, path, content_type="application/json")
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert reason(answer) == "ROUTE_UNKNOWN"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/scorewire.score.v1.ScoreInternalService/ApplyScore", id="as it is"),
        pytest.param("/scorewire.score.v1.scoreinternalservice/applyscore", id="lower case"),
        pytest.param("//scorewire.score.v1.ScoreInternalService//ApplyScores", id="doubled slashes"),
        pytest.param("/scorewire.score.v1.ScoreInternalService%2FApplyScore", id="an escaped slash"),
        pytest.param("/x/../scorewire.score.v1.ScoreInternalService/ApplyScore", id="dots"),
        pytest.param("/scorewire%2Escore.v1.ScoreInternalService/ApplyScores", id="an escaped dot"),
        pytest.param("/scorewire.score.v1.ScoreService/../ScoreInternalService/ApplyScore", id="beside one there"),
        pytest.param("/scorewire.score.v1.ScoreAdminService/RebuildStandings", id="the operator's"),
    ],
)
@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc+proto", BINARY])
def test_the_internal_service_is_not_there(stack: Stack, path: str, content_type: str) -> None:
    answer = raw(stack, "POST", path, content_type=content_type)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["grpc-status"] == "12"
    assert answer.headers["grpc-status-details-bin"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize("content_type", ["application/grpc", BINARY])
def test_grpc_takes_no_other_method_than_post(stack: Stack, method: str, content_type: str) -> None:
    answer = raw(stack, method, "/scorewire.score.v1.ScoreService/GetLeaderboard", content_type=content_type)
    assert (answer.status_code, answer.headers["grpc-status"]) == (200, "12")
    assert answer.headers["grpc-status-details-bin"]


def test_the_internal_service_as_json_is_not_there(stack: Stack) -> None:
    answer = raw(stack, "POST", "/scorewire.score.v1.ScoreInternalService/ApplyScore", content_type="application/json")
    assert (answer.status_code, reason(answer)) == (404, "ROUTE_UNKNOWN")


@pytest.mark.parametrize("rpc", [pytest.param(rpc, id=rpc.name) for rpc in rpcs([INTERNAL_SERVICE])])
def test_a_grpc_client_is_told_so(stack: Stack, rpc) -> None:
    answer = call(stack.url, rpc.grpc_path.removeprefix("/"), ApplyScoreRequest(user_id="intruder", points=10))
    assert (answer.refusal.code, answer.refusal.reason) == ("UNIMPLEMENTED", "ROUTE_UNKNOWN")


def test_nobody_got_points_that_way(rest: httpx.Client) -> None:
    assert reason(rest.get("/api/standings/intruder")) == "STANDING_NOT_FOUND"


FORGED = {
    "x_envoy_original_path": "/api/internal/score/update",
    "x_envoy_original_method": "POST",
    "x_original_url": "/api/internal/score/update",
    "x_rewrite_url": "/api/internal/score/update",
    "x_http_method_override": "PUT",
    "x_forwarded_client_cert": "URI=spiffe://scorewire.local/action",
}


@pytest.mark.parametrize("header", FORGED)
def test_headers_open_nothing(stack: Stack, header: str) -> None:
    answer = raw(stack, "GET", "/api/leaderboard", body="", **{header: FORGED[header]})
    assert answer.status_code == httpx.codes.OK
    answer = raw(stack, "POST", "/api/internal/score/update", **{header: FORGED[header]})
    assert answer.status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        pytest.param("POST", "/api/leaderboard", "GET", id="posting to a read"),
        pytest.param("HEAD", "/api/leaderboard", "GET", id="head of a read"),
        pytest.param("DELETE", "/api/standings/ada", "GET", id="deleting a standing"),
        pytest.param("GET", "/api/score/update", "POST", id="getting a write"),
        pytest.param("PUT", "/api/action/do-some", "POST", id="putting an action"),
        pytest.param("PATCH", "/api/session/guest", "POST", id="patching a session"),
    ],
)
def test_other_methods_are_refused(rest: httpx.Client, method: str, path: str, allowed: str) -> None:
    answer = rest.request(method, path)
    assert answer.status_code == httpx.codes.METHOD_NOT_ALLOWED
    assert answer.headers["allow"] == allowed
    if method != "HEAD":
        assert reason(answer) == "ROUTE_UNKNOWN"


@pytest.mark.parametrize("path", ["/nope", "/api", "/api/", "/api/leaderboard/", "/api/standings/a/b", "/index.html"])
def test_unknown_paths_are_refused(rest: httpx.Client, path: str) -> None:
    answer = rest.get(path)
    assert (answer.status_code, reason(answer)) == (404, "ROUTE_UNKNOWN")


def test_json_sent_to_the_path_of_a_grpc_method_goes_nowhere(rest: httpx.Client) -> None:
    answer = rest.post("/scorewire.score.v1.ScoreService/GetLeaderboard", json={})
    assert (answer.status_code, reason(answer)) == (404, "ROUTE_UNKNOWN")


@pytest.mark.parametrize(
    "path",
    [
        "/../package.json",
        "/assets/../../package.json",
        "/assets/%2e%2e/%2e%2e/package.json",
        "/..%2f..%2fpackage.json",
        "/assets/",
        "/etc/passwd",
        "//etc/passwd",
        "/%2Fetc/passwd",
    ],
)
def test_the_page_shows_no_other_file(stack: Stack, path: str) -> None:
    assert raw(stack, "GET", path, body="").status_code == httpx.codes.NOT_FOUND


def test_other_spellings_of_a_path_that_is_there_lead_to_it(stack: Stack) -> None:
    for path in ("//api//leaderboard", "/api%2Fleaderboard", "/api/x/../leaderboard"):
        assert raw(stack, "GET", path, body="").status_code == httpx.codes.OK


def test_metrics_are_on_a_port_of_their_own_with_nothing_else(stack: Stack) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.gateway.metrics_port}") as metrics:
        assert "envoy_http_downstream_rq_total" in metrics.get("/metrics").text
        for path in ("/", "/config_dump", "/quitquitquit", "/healthcheck/fail", "/stats", "/metrics/../config_dump"):
            for send in (metrics.get, metrics.post):
                assert send(path).status_code == httpx.codes.NOT_FOUND
