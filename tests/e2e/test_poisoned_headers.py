"""Headers that gRPC's core cannot read: nobody else's calls break by them, although all share the same connections."""

import asyncio
from itertools import product

import grpc
import httpx
import pytest

from scorewire.score.v1.score_pb2 import GetLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.gateway.routes import REFLECTION_PATH
from tests.e2e.grpc_web import BINARY, frame, read
from tests.e2e.trailing import call_with_trailer
from tests.refusals import Told
from tests.stack import Stack

BOARD = "/scorewire.score.v1.ScoreService/GetLeaderboard"
TIMEOUTS = ["junk", "-1S", "", "1", "S", "99999999999H", "1.5S", "5s", "1S,1S", "٣S"]
ENCODINGS = ["junk", "gzip", "deflate", "", "identity,gzip", "snappy"]
READ_BY_GRPC = [
    "grpc-accept-encoding",
    "grpc-internal-encoding-request",
    "grpc-message",
    "grpc-previous-rpc-attempts",
    "grpc-retry-pushback-ms",
    "grpc-status",
    "grpc-tags-bin",
    "grpc-trace-bin",
    "grpc-server-stats-bin",
    "endpoint-load-metrics-bin",
    "lb-cost-bin",
    "lb-token",
    "grpclb_client_stats",
    "x-own-bin",
    "te",
    "user-agent",
    "traceparent",
    "don't",
    "x!#$%&'*+^`|~",
    "-",
    ".",
]
AS_TRAILERS = ["grpc-timeout", "grpc-encoding", "grpc-status", "content-type", "authorization", "x-own-bin", "don't"]
JUNK = ["junk!", "-1", "%%%", "\xff".encode("latin-1"), "99999999999999999999"]
TRAILERS = ["junk!", "\xff"]
# Each upstream connection has a table of its own: more calls than there are connections.
HONEST_CALLS = 16


def send(rest: httpx.Client, headers: dict[str, str | bytes], content_type: str = BINARY) -> httpx.Response:
    sent = [(name, value.encode() if isinstance(value, str) else value) for name, value in headers.items()]
    return rest.post(BOARD, content=frame(b""), headers=[("content-type", content_type), *sent])


@pytest.mark.parametrize("content_type", ["application/grpc", BINARY])
@pytest.mark.parametrize("value", TIMEOUTS)
def test_a_timeout_that_is_none_is_refused(rest: httpx.Client, value: str, content_type: str) -> None:
    refused = refusal(send(rest, {"grpc-timeout": value}, content_type))
    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "REQUEST_MALFORMED")


@pytest.mark.parametrize("content_type", ["application/grpc", BINARY])
@pytest.mark.parametrize("value", ENCODINGS)
def test_compressed_messages_are_refused(rest: httpx.Client, value: str, content_type: str) -> None:
    refused = refusal(send(rest, {"grpc-encoding": value}, content_type))
    assert (refused.code, refused.reason) == ("UNIMPLEMENTED", "REQUEST_MALFORMED")


@pytest.mark.parametrize("value", ["1n", "99999999H", "5S", "00000005S"])
def test_every_timeout_of_grpc_is_taken(rest: httpx.Client, value: str) -> None:
    answer = read(send(rest, {"grpc-timeout": value}), BINARY)
    assert answer.status in (0, grpc.StatusCode.DEADLINE_EXCEEDED.value[0])


def test_rest_has_the_same_bounds(rest: httpx.Client) -> None:
    assert rest.get("/api/leaderboard", headers={"grpc-timeout": "-1S"}).status_code == httpx.codes.BAD_REQUEST
    compressed = rest.post("/api/score/update", content=b"{}", headers={"content-encoding": "gzip"})
    assert compressed.status_code == httpx.codes.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize("name", READ_BY_GRPC)
def test_what_a_server_would_not_read_does_not_get_there(rest: httpx.Client, name: str) -> None:
    for value in JUNK:
        assert read(send(rest, {name: value}), BINARY).status == 0


@pytest.mark.parametrize("path", [BOARD, REFLECTION_PATH])
@pytest.mark.parametrize("name", AS_TRAILERS)
def test_no_trailers_get_to_a_server(stack: Stack, name: str, path: str) -> None:
    assert [call_with_trailer(stack.gateway.port, path, name, value) for value in TRAILERS] == ["0"] * len(TRAILERS)


async def test_nobody_else_notices(stack: Stack, rest: httpx.Client) -> None:
    hostile = [("grpc-timeout", value) for value in TIMEOUTS] + [("grpc-encoding", value) for value in ENCODINGS]
    hostile += [(name, value) for name in READ_BY_GRPC for value in JUNK]
    for name, value in hostile:
        send(rest, {name: value})
    for name, value in product(AS_TRAILERS, TRAILERS):
        call_with_trailer(stack.gateway.port, BOARD, name, value)
    metadata = [("x-own-bin", b"\x01"), ("traceparent", "00-1-1-00"), ("grpc-tags-bin", b"\x01")]
    async with grpc.aio.insecure_channel(stack.gateway.address) as channel:
        ask = ScoreServiceStub(channel).GetLeaderboard
        calls = [ask(GetLeaderboardRequest(), timeout=20, metadata=metadata) for _ in range(HONEST_CALLS)]
        answers = await asyncio.gather(*calls)
    assert all(answer.resume_token for answer in answers)


def refusal(answer: httpx.Response) -> Told:
    refused = read(answer, BINARY).refusal
    assert refused is not None
    return refused
