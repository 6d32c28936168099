"""gRPC-web by hand: framed messages in and out, binary or as text, with the trailers as the last frame."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import httpx
from google.protobuf.message import Message
from google.rpc import status_pb2

from tests.refusals import Told, told
from tests.stack import PLAINTEXT

M = TypeVar("M", bound=Message)

BINARY = "application/grpc-web+proto"
TEXT = "application/grpc-web-text+proto"
_TRAILERS = 0x80


@dataclass(frozen=True)
class WebAnswer:
    """What came back: messages as bytes, and the status with its details."""

    content_type: str
    messages: Sequence[bytes]
    status: int
    refusal: Told | None

    def only(self, kind: type[M]) -> M:
        """The one message of an answered call."""
        assert self.status == 0, self.refusal
        (message,) = self.messages
        return kind.FromString(message)


def call(url: str, method: str, request: Message, content_type: str = BINARY, **headers: str) -> WebAnswer:
    """Calls `package.Service/Method` of the gateway at `url`; underscores in names of headers stand for dashes."""
    body = frame(request.SerializeToString())
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = httpx.post(
        f"{url}/{method}",
        content=base64.b64encode(body) if content_type == TEXT else body,
        headers=asked | {"content-type": content_type, "accept": content_type, "x-grpc-web": "1"},
        timeout=30,
        verify=PLAINTEXT,
    )
    assert answer.status_code == httpx.codes.OK
    return read(answer, content_type)


def read(answer: httpx.Response, content_type: str) -> WebAnswer:
    """Takes an answer apart. An error without a message has its trailers in the headers."""
    body = _decoded(answer.content) if content_type == TEXT else answer.content
    frames = list(unframe(body))
    messages = [content for flags, content in frames if not flags & _TRAILERS]
    trailers = dict(answer.headers)
    for flags, content in frames:
        if flags & _TRAILERS:
            lines = content.decode().strip().split("\r\n")
            trailers |= {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}
    return WebAnswer(answer.headers["content-type"], messages, int(trailers["grpc-status"]), _refusal(trailers))


def frame(content: bytes) -> bytes:
    """One message with its header."""
    return bytes([0]) + len(content).to_bytes(4, "big") + content


def unframe(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Flags and content of every frame."""
    while body:
        flags, length = body[0], int.from_bytes(body[1:5], "big")
        yield flags, body[5 : 5 + length]
        body = body[5 + length :]


def _decoded(text: bytes) -> bytes:
    """Text may be many pieces of base64, each with padding of its own."""
    pieces = [text[start : start + 4] for start in range(0, len(text), 4)]
    return b"".join(base64.b64decode(piece) for piece in pieces)


def _refusal(trailers: dict[str, str]) -> Told | None:
    details = trailers.get("grpc-status-details-bin")
    if not details:
        return None
    return told(status_pb2.Status.FromString(base64.b64decode(details + "=" * (-len(details) % 4))))
