"""gRPC-web frames that no browser sends: refused with a reason, and nothing is done, held or brought down by them."""

import base64
import gzip
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorewire.action.v1.action_pb2 import DoActionRequest, DoActionResponse
from tests.e2e.footprint import MOST_GROWTH, memory, memory_of_servers, pids
from tests.e2e.grpc_web import BINARY, TEXT, WebAnswer, frame, read
from tests.e2e.players import Player
from tests.fuzzing import examples
from tests.stack import Stack
from tests.waiting import until

DO = "scorewire.action.v1.ActionService/DoAction"
ROLL = DoActionRequest(action_type="dice.roll").SerializeToString()
WHOLE = frame(ROLL)
UNKNOWN, INTERNAL, UNAVAILABLE = 2, 13, 14


@pytest.fixture(scope="module", autouse=True)
def unharmed(stack: Stack) -> Iterator[None]:
    """All processes are there afterwards, and have not grown."""
    running, gateway, servers, failures = pids(stack), memory(stack), memory_of_servers(stack), tracebacks(stack)
    yield
    assert pids(stack) == running
    assert memory(stack) - gateway < MOST_GROWTH
    assert memory_of_servers(stack) - servers < MOST_GROWTH
    assert tracebacks(stack) == failures


def tracebacks(stack: Stack) -> int:
    """How many the logs have, of other tests' handlers too."""
    return (stack.score.log() + stack.action.log() + stack.gateway.log()).count("Traceback")


def send(player: Player, content: bytes | Iterator[bytes], content_type: str, method: str = DO) -> WebAnswer | None:
    """The answer of the gateway; `None` where it takes the request for none of gRPC-web."""
    headers = {"content-type": content_type, "accept": content_type} | player.session
    answer = player.rest.post(method, content=content, headers=headers)
    assert answer.status_code < 500, answer.content
    assert b"Traceback" not in answer.content
    if "grpc-status" not in answer.headers and answer.status_code != httpx.codes.OK:
        return None
    told = read(answer, content_type)
    assert told.status not in (UNKNOWN, INTERNAL, UNAVAILABLE), told
    return told


def rolled(answer: WebAnswer | None) -> bool:
    """Whether the action was done."""
    return bool(answer and answer.status == 0 and DoActionResponse.FromString(answer.messages[0]).HasField("score"))


def score(player: Player) -> int:
    def told() -> httpx.Response | None:
        answer = player.standing()
        return None if answer.status_code == httpx.codes.TOO_MANY_REQUESTS else answer

    standing = until(told, "an answer to somebody whose address asks often").json()
    return int(standing["standing"]["score"]) if "standing" in standing else 0


def flagged(flags: int, content: bytes = ROLL, length: int | None = None) -> bytes:
    return bytes([flags]) + (len(content) if length is None else length).to_bytes(4, "big") + content


TRAILERS = flagged(0x80, b"grpc-status: 0\r\n")
REFUSED = {
    "nothing": b"",
    "a header cut off": WHOLE[:4],
    "a header alone": WHOLE[:5],
    "a byte too few": WHOLE[:-1],
    "a length that is one too long": flagged(0, ROLL, len(ROLL) + 1),
    "a length that is one too short": flagged(0, ROLL, len(ROLL) - 1),
    "a length of 4 GiB": flagged(0, ROLL, 2**32 - 1),
    "a length of 2 GiB": flagged(0, ROLL, 2**31),
    "a length in the other order of bytes": b"\0" + len(ROLL).to_bytes(4, "little") + ROLL,
    "compressed": flagged(1, gzip.compress(ROLL)),
    "said to be compressed": flagged(1),
    "a flag that nothing has": flagged(2),
    "all flags": flagged(0xFF),
    "trailers alone": TRAILERS,
    "trailers before the message": TRAILERS + WHOLE,
    "no frame": ROLL,
    "text of another protocol": b"POST / HTTP/1.1\r\n\r\n",
    "half a frame in a frame of its own": flagged(0, ROLL[:4]) + flagged(0, ROLL[4:]),
    "many frames that are cut off": flagged(0, ROLL, len(ROLL) * 20_000) * 10_000,
    "many trailers": TRAILERS * 10_000,
}
TAKEN = {
    "the message alone": WHOLE,
    "trailers behind it": WHOLE + TRAILERS,
    "another message behind it": WHOLE + WHOLE,
    "rubbish behind it": WHOLE + b"\xff" * 20,
    "ten thousand behind it": WHOLE * 10_000,
}
"""One message is what a call has: the first frame counts, once, whatever comes after it."""


@pytest.mark.parametrize("content_type", [BINARY, TEXT])
@pytest.mark.parametrize("body", REFUSED)
def test_frames_that_are_none_do_nothing(player: Player, body: str, content_type: str) -> None:
    sent = REFUSED[body]
    answer = send(player, base64.b64encode(sent) if content_type == TEXT else sent, content_type)
    assert answer is not None
    assert answer.refusal
    assert (answer.refusal.code, answer.refusal.reason) == ("INVALID_ARGUMENT", "REQUEST_MALFORMED")
    assert score(player) == 0


@pytest.mark.parametrize("content_type", [BINARY, TEXT])
@pytest.mark.parametrize("body", TAKEN)
def test_what_follows_the_message_does_nothing(player: Player, body: str, content_type: str) -> None:
    sent = TAKEN[body]
    answer = send(player, base64.b64encode(sent) if content_type == TEXT else sent, content_type)
    assert rolled(answer)
    assert 1 <= score(player) <= 6, "one roll of the dice"


GOOD_TEXT = base64.b64encode(WHOLE)
TEXTS: dict[str, bytes] = {
    "whitespace in between": GOOD_TEXT[:4] + b" \r\n" + GOOD_TEXT[4:],
    "whitespace around": b"\n" + GOOD_TEXT + b"\n",
    "padding that is missing": GOOD_TEXT.rstrip(b"="),
    "padding in the middle": base64.b64encode(WHOLE[:4]) + base64.b64encode(WHOLE[4:]),
    "too much padding": GOOD_TEXT + b"====",
    "the alphabet for URLs": base64.urlsafe_b64encode(flagged(0, b"\xff\xef\xbe" * 3)),
    "a letter that is none": GOOD_TEXT[:5] + b"*" + GOOD_TEXT[6:],
    "a letter too few": GOOD_TEXT[:-1],
    "binary said to be text": WHOLE,
    "spare bits": GOOD_TEXT[:-2] + b"/=" if GOOD_TEXT.endswith(b"=") else GOOD_TEXT[:-1],
    "NUL": GOOD_TEXT + b"\0",
}


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_is_written_otherwise_is_refused_or_means_the_same(player: Player, text: str) -> None:
    answer = send(player, TEXTS[text], TEXT)
    assert (score(player) > 0) == rolled(answer), "what is refused has done nothing, and the other way round"
    if not rolled(answer):
        assert answer is None or answer.refusal


@pytest.mark.parametrize("content_type", [BINARY, TEXT])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_message_that_comes_in_pieces_is_one(player: Player, content_type: str, size: int) -> None:
    body = GOOD_TEXT if content_type == TEXT else WHOLE
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    assert rolled(send(player, pieces, content_type))
    assert 1 <= score(player) <= 6


class Sent(NamedTuple):
    """A body of frames, as it is sent."""

    content_type: str
    body: bytes
    pieces: int


def _written(frames: Sequence[bytes], content_type: str, spoil: Callable[[bytes], bytes], pieces: int) -> Sent:
    body = b"".join(frames)
    return Sent(content_type, spoil(base64.b64encode(body) if content_type == TEXT else body), pieces)


FRAMES = st.builds(
    flagged,
    st.sampled_from([0, 0, 0, 1, 2, 0x80, 0x81, 0xFF]),
    st.sampled_from([ROLL, b"", ROLL[:-1], ROLL * 3]) | st.binary(max_size=60),
    st.none() | st.integers(0, 80) | st.sampled_from([2**31, 2**32 - 1]),
)
SPOILT = st.one_of(
    st.just(lambda body: body),
    st.integers(0, 60).map(lambda at: lambda body: body[:at]),
    st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=4)).map(
        lambda made: lambda body: body[: made[0]] + made[1] + body[made[0] :]
    ),
    st.integers(0, 60).map(lambda at: lambda body: body[:at] + b"=\n " + body[at:]),
)
BODIES = st.builds(_written, st.lists(FRAMES, max_size=5), st.sampled_from([BINARY, TEXT]), SPOILT, st.integers(1, 4))


@pytest.mark.fuzz
def test_frames_of_all_kinds(player: Player) -> None:
    done = 0

    @examples(250)
    @given(sent=BODIES)
    def ask(sent: Sent) -> None:
        nonlocal done
        size = max(len(sent.body) // sent.pieces, 1)
        pieces = (sent.body[at : at + size] for at in range(0, len(sent.body), size))
        before = score(player)
        done = rolled(send(player, pieces, sent.content_type))
        after = score(player)
        assert (1 <= after - before <= 6) if done else after == before, "what is refused has changed nothing"

    ask()
