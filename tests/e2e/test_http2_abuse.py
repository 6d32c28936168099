"""Abuse of HTTP/2 at the gateway: whoever does it may be cut off, everybody else is answered, and memory stays."""

from collections.abc import Callable, Iterator

import grpc
import httpx
import pytest
from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)
from hypothesis import given
from hypothesis import strategies as st

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoreResponse
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, GetLeaderboardResponse
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.e2e.footprint import MOST_GROWTH, memory, pids
from tests.e2e.raw_http import GET, PREFACE, connected, headers, http2
from tests.fuzzing import examples
from tests.refusals import outcome
from tests.stack import Stack
from tests.waiting import until

MANY = 5_000


Others = Callable[[], None]


@pytest.fixture(scope="module")
def others(stack: Stack) -> Iterator[Others]:
    """Fails where somebody else is not answered, over REST or over gRPC, on connections that stay.

    All tests call from one address, so that they may be told to call again.
    """
    with (
        httpx.Client(base_url=stack.url, timeout=20) as rest,
        grpc.insecure_channel(stack.gateway.address, [("grpc.enable_retries", 0)]) as channel,
    ):
        stub = ScoreServiceStub(channel)

        def over_rest() -> bool:
            status = rest.get("/api/leaderboard").status_code
            assert status in (httpx.codes.OK, httpx.codes.TOO_MANY_REQUESTS)
            return status == httpx.codes.OK

        def over_grpc() -> bool:
            refused = outcome(lambda: stub.GetLeaderboard(GetLeaderboardRequest(), timeout=20))
            assert refused is None or refused.code == "RESOURCE_EXHAUSTED"
            return refused is None

        def answered() -> None:
            until(over_rest, "an answer over REST")
            until(over_grpc, "an answer over gRPC")

        yield answered


@pytest.fixture(scope="module", autouse=True)
def flat_memory(stack: Stack, others: Others) -> Iterator[None]:
    others()
    before, running = memory(stack), pids(stack)
    yield
    others()
    assert memory(stack) - before < MOST_GROWTH
    assert pids(stack) == running


def rapid_resets() -> Iterator[Frame]:
    for number in range(MANY // 5):
        yield headers(2 * number + 1)
        yield RstStreamFrame(2 * number + 1, error_code=8)


def continuations(piece: bytes) -> Callable[[], Iterator[Frame]]:
    def frames() -> Iterator[Frame]:
        yield headers(1, flags=[])
        yield from (ContinuationFrame(1, data=piece) for _ in range(MANY))

    return frames


def header_bomb() -> Iterator[Frame]:
    encoder = Encoder()
    large = encoder.encode([*GET, ("x-large", "x" * 3_000)])
    again = encoder.encode([("x-large", "x" * 3_000)])
    yield HeadersFrame(1, data=large + again * 10_000, flags=["END_HEADERS", "END_STREAM"])


def many_large_requests() -> Iterator[Frame]:
    for number in range(200):
        yield headers(2 * number + 1, (*GET, *((f"x-{index}", "y" * 1_000) for index in range(12))))


def requests_without_bodies() -> Iterator[Frame]:
    post = ((":method", "POST"), *GET[1:3], (":path", "/api/score/update"))
    yield from (headers(2 * number + 1, post, ["END_HEADERS"]) for number in range(1_000))


FLOODS = {
    "rapid resets": rapid_resets,
    "continuations": continuations(b"\x00\x01x\x01y" * 20),
    "empty continuations": continuations(b""),
    "settings": lambda: (SettingsFrame(0, settings={4: 65_535}) for _ in range(MANY)),
    "settings that change a window": lambda: (SettingsFrame(0, settings={4: n % 65_535}) for n in range(MANY)),
    "pings": lambda: (PingFrame(0, opaque_data=b"12345678") for _ in range(MANY)),
    "priorities": lambda: (PriorityFrame(2 * n + 1, depends_on=0, stream_weight=1) for n in range(MANY)),
    "empty data": lambda: (headers(1, flags=["END_HEADERS"]), *(DataFrame(1) for _ in range(MANY))),
    "windows": lambda: (headers(1), *(WindowUpdateFrame(0, window_increment=1) for _ in range(MANY))),
    "goodbyes": lambda: (GoAwayFrame(0, last_stream_id=n) for n in range(MANY)),
    "a header bomb": header_bomb,
    "many large requests": many_large_requests,
    "requests that do not go on": requests_without_bodies,
}


@pytest.mark.parametrize("flood", FLOODS)
def test_floods_hurt_nobody_else(stack: Stack, others: Others, flood: str) -> None:
    with http2(stack.gateway.port) as raw:
        raw.send(*FLOODS[flood]())
        others()
        raw.settle()
        others()


@pytest.mark.parametrize("settings", [{"_4": 0}, {"_4": 1}, {"_1": 2**32 - 1}, {"_1": 0}, {"_3": 0}, {"_6": 0}])
def test_strange_settings_hurt_nobody_else(stack: Stack, others: Others, settings: dict[str, int]) -> None:
    with http2(stack.gateway.port, **settings) as raw:
        raw.send(*(headers(2 * number + 1) for number in range(100)))
        others()
        assert raw.settle()


def test_clients_that_read_nothing_hurt_nobody_else(stack: Stack, others: Others) -> None:
    with http2(stack.gateway.port, _4=0) as raw:
        raw.send(*(headers(2 * number + 1) for number in range(500)))
        for _ in range(5):
            others()


def pseudo(*fields: tuple[str, str]) -> list[Frame]:
    return [headers(1, fields)]


METHOD, SCHEME, AUTHORITY, PATH = GET
PLAIN = ("x-plain", "1")
WHOLE = ["END_HEADERS", "END_STREAM"]
WRONG: dict[str, list[Frame | bytes]] = {
    "no method": pseudo(SCHEME, AUTHORITY, PATH),
    "no path": pseudo(METHOD, SCHEME, AUTHORITY),
    "an empty path": pseudo(METHOD, SCHEME, AUTHORITY, (":path", "")),
    "a path without a slash": pseudo(METHOD, SCHEME, AUTHORITY, (":path", "api/leaderboard")),
    "two paths": pseudo(*GET, PATH),
    "two methods": pseudo(METHOD, *GET),
    "a status": pseudo(*GET, (":status", "200")),
    "an unknown one": pseudo(*GET, (":unknown", "x")),
    "after a plain header": pseudo(METHOD, SCHEME, PLAIN, AUTHORITY, PATH),
    "a name in upper case": pseudo(*GET, ("X-Upper", "1")),
    "a header of the connection": pseudo(*GET, ("connection", "close")),
    "an encoding of the transfer": pseudo(*GET, ("transfer-encoding", "chunked")),
    "a line break in a value": pseudo(*GET, ("x-break", "a\r\nb: c")),
    "a line break in the path": pseudo(METHOD, SCHEME, AUTHORITY, (":path", "/api/leaderboard HTTP/1.1\r\nx: y")),
    "an empty name": pseudo(*GET, ("", "x")),
    "a NUL": pseudo(*GET, ("x-nul", "a\0b")),
    "a length that lies": [
        headers(1, (*GET, ("content-length", "5")), ["END_HEADERS"]),
        DataFrame(1, b"x", flags=["END_STREAM"]),
    ],
    "two lengths": pseudo(*GET, ("content-length", "1"), ("content-length", "2")),
    "trailers before the data": [
        headers(1, flags=["END_HEADERS"]),
        headers(1, [PLAIN], ["END_HEADERS"]),
        DataFrame(1, b"x", flags=["END_STREAM"]),
    ],
    "pseudo headers as trailers": [headers(1, flags=["END_HEADERS"]), headers(1, GET)],
    "data before the headers": [DataFrame(1, b"x", flags=["END_STREAM"])],
    "data of no stream": [DataFrame(1, b"x").serialize().replace(b"\0\0\0\1", b"\0\0\0\0", 1)],
    "data after the end": [headers(1), DataFrame(1, b"x")],
    "a stream of the server's": [headers(2)],
    "a continuation of nothing": [ContinuationFrame(1, data=b"x")],
    "an increment of nothing": [WindowUpdateFrame(0, window_increment=1).serialize()[:-4] + bytes(4)],
    "windows that overflow": [WindowUpdateFrame(0, window_increment=2**31 - 1)] * 2,
    "a reset of nothing": [RstStreamFrame(7)],
    "a frame that is too large": [b"\xff\xff\xff\0\0\0\0\0\1"],
    "a frame that ends early": [b"\0\0\5\6\0\0\0\0\0hello"],
    "a frame that nobody knows": [b"\0\0\1\xee\xff\0\0\0\0x"],
    "a dynamic table of 4 GiB": [
        HeadersFrame(1, data=b"\x3f\xe1\xff\xff\xff\x0f", flags=["END_HEADERS", "END_STREAM"])
    ],
    "an index that is not there": [HeadersFrame(1, data=b"\xff\xff\xff\xff\x0f", flags=WHOLE)],
    "Huffman without an end": [HeadersFrame(1, data=b"\0\x82\xff\xff\x01x", flags=WHOLE)],
    "padding longer than the frame": [b"\0\0\2\1\x0d\0\0\0\1\xff\x82"],
    "settings of half a size": [b"\0\0\5\4\0\0\0\0\0hello"],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_http2_is_not_answered_with_a_board(stack: Stack, others: Others, wrong: str) -> None:
    with http2(stack.gateway.port) as raw:
        raw.send(*WRONG[wrong])
        # Had it been taken for a request, it would have been answered by the time that later ones are.
        others()
        raw.settle()
        assert b"resumeToken" not in raw.received


def frames() -> st.SearchStrategy[bytes]:
    """Any frame: its length right, its kind, flags and stream of all kinds."""
    header = st.tuples(st.integers(0, 12), st.integers(0, 255), st.integers(0, 7) | st.integers(0, 2**32 - 1))
    return st.tuples(header, st.binary(max_size=40)).map(
        lambda made: len(made[1]).to_bytes(3, "big") + bytes(made[0][:2]) + made[0][2].to_bytes(4, "big") + made[1]
    )


@pytest.mark.fuzz
def test_frames_of_all_kinds(stack: Stack, others: Others) -> None:
    @examples(60)
    @given(sent=st.lists(frames() | st.binary(max_size=20), max_size=12))
    def send(sent: list[bytes]) -> None:
        with http2(stack.gateway.port) as raw:
            raw.send(*sent)

    send()
    others()


@pytest.mark.fuzz
@pytest.mark.parametrize("port", ["public", "internal", "score", "action"])
def test_bytes_of_all_kinds(stack: Stack, others: Others, port: str) -> None:
    ports = {"public": stack.gateway.port, "internal": stack.gateway.internal_port}
    ports |= {"score": stack.score.port, "action": stack.action.port}

    @examples(30)
    @given(sent=st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"\x16\x03\x01" + rest))
    def send(sent: bytes) -> None:
        with connected(ports[port]) as raw:
            raw.send(sent)

    send()
    others()


def test_the_preface_alone_and_half_of_it(stack: Stack, others: Others) -> None:
    with connected(stack.gateway.port) as whole, connected(stack.gateway.port) as half:
        whole.send(PREFACE)
        half.send(PREFACE[:10])
        others()


def test_an_honest_connection_is_answered_by_the_same_means(stack: Stack, others: Others) -> None:
    with http2(stack.gateway.port) as raw:
        raw.send(headers(1))
        until(lambda: raw.settle() and b"resumeToken" in raw.received, "a board")


@pytest.mark.parametrize("method", ["GetLeaderboard", "WatchLeaderboard"])
def test_grpc_without_te_is_answered(stack: Stack, method: str) -> None:
    """The header says nothing that the gateway would not know, and the servers insist on it."""
    body = b"\0\0\0\0\0"
    with (
        httpx.Client(http1=False, http2=True, timeout=20) as client,
        client.stream(
            "POST",
            f"{stack.url}/scorewire.score.v1.ScoreService/{method}",
            content=body,
            headers={"content-type": "application/grpc"},
        ) as answer,
    ):
        first = next(answer.iter_raw())
    assert "grpc-status" not in answer.headers
    assert GetLeaderboardResponse.FromString(first[5:]).leaderboard.board_id == "main"


def test_the_internal_listener_answers_grpc_without_te(stack: Stack) -> None:
    award = ApplyScoreRequest(user_id="no-te", points=1).SerializeToString()
    with httpx.Client(http1=False, http2=True, verify=stack.gateway.client_tls("ops"), timeout=20) as client:
        answer = client.post(
            f"{stack.gateway.internal_url}/scorewire.score.v1.ScoreInternalService/ApplyScore",
            content=b"\0" + len(award).to_bytes(4, "big") + award,
            headers={"content-type": "application/grpc"},
        )
    assert ApplyScoreResponse.FromString(answer.content[5:]).score == 1


@pytest.mark.parametrize("te", ["gzip", "trailers, deflate;q=0.5", ""])
def test_another_te_is_no_http2_and_hurts_nobody_else(stack: Stack, others: Others, te: str) -> None:
    with http2(stack.gateway.port) as raw:
        raw.send(headers(1, (*GET, ("te", te))))
        others()
        raw.settle()
        assert b"resumeToken" not in raw.received
