"""Calls over gRPC and gRPC-web whose message is not whole: they are refused, and hold no place at a server."""

import base64

import httpx
import pytest

from scorewire.score.v1.score_pb2 import GetLeaderboardRequest
from tests.e2e.grpc_web import BINARY, TEXT, WebAnswer, frame, read
from tests.stack import Stack

METHODS = [
    "scorewire.score.v1.ScoreService/GetLeaderboard",
    "scorewire.score.v1.ScoreService/WatchLeaderboard",
    "scorewire.action.v1.ActionService/DoAction",
]
WHOLE = frame(GetLeaderboardRequest(board_id="main").SerializeToString())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("content_type", ["application/grpc", BINARY, TEXT])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="no message"),
        pytest.param(WHOLE[:3], id="half a header"),
        pytest.param(WHOLE[:5], id="a header alone"),
        pytest.param(WHOLE[:-1], id="a byte too few"),
        pytest.param(b"\0\xff\xff\xff\xff" + WHOLE, id="a length that nothing has"),
        pytest.param(b"\1" + WHOLE[1:], id="said to be compressed"),
        pytest.param(b"\x80" + WHOLE[1:], id="trailers for a message"),
        pytest.param(b"\x81" + WHOLE[1:], id="trailers said to be compressed"),
        pytest.param(b"\x7f" + WHOLE[1:], id="flags that nothing has"),
    ],
)
def test_a_message_that_is_not_whole(rest: httpx.Client, method: str, content_type: str, body: bytes) -> None:
    refused = send(rest, method, content_type, body).refusal
    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "REQUEST_MALFORMED")


def test_the_internal_listener_refuses_it_too(stack: Stack) -> None:
    method = "scorewire.score.v1.ScoreInternalService/ApplyScore"
    with httpx.Client(base_url=stack.gateway.internal_url, verify=stack.gateway.client_tls("ops")) as client:
        assert send(client, method, "application/grpc", WHOLE[:-1]).refusal.reason == "REQUEST_MALFORMED"


@pytest.mark.parametrize("content_type", [BINARY, TEXT])
def test_what_comes_after_the_message_does_not_matter(rest: httpx.Client, content_type: str) -> None:
    assert send(rest, METHODS[0], content_type, WHOLE + frame(b"more")).status == 0


def send(rest: httpx.Client, method: str, content_type: str, body: bytes) -> WebAnswer:
    headers = {"content-type": content_type, "accept": content_type}
    content = base64.b64encode(body) if content_type == TEXT else body
    return read(rest.post(method, content=content, headers=headers), content_type)
