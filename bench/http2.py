"""A client of gRPC that costs little: one HTTP/2 connection, request headers encoded once, answers hardly looked at.

A client of grpcio costs as much CPU for a call as the server that it calls, and could never press three times as hard
as the server can bear. This one is asked for unary calls alone, takes no part in compression, and keeps just as much of
HTTP/2 as that needs.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, cast

from hpack import Encoder, NeverIndexedHeaderTuple

_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING, _GOAWAY, _WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_END_STREAM, _ACK, _END_HEADERS = 1, 1, 4
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADER_TABLE_SIZE, _MAX_STREAMS, _INITIAL_WINDOW = 1, 3, 4
_FRAME = 16_384
_WIDE = 2**31 - 1
_FIRST_WINDOW = 65_535
_WIDEN = 2**24
"""After how many bytes of answers the window of the connection is opened as wide again."""


class Answer(NamedTuple):
    """How a call has ended: with a message or without, and the block of headers that it ended with, encoded.

    The block is `None` where the stream was reset, which says nothing of why.
    """

    has_message: bool
    block: bytes | None


Done = Callable[[Answer], None]


def encoded_headers(scheme: str, authority: str, path: str, token: str | None) -> bytes:
    """The headers of every call of a method, in a form that no table of the connection has a part in."""
    headers = {
        ":method": "POST",
        ":scheme": scheme,
        ":path": path,
        ":authority": authority,
        "te": "trailers",
        "content-type": "application/grpc",
    }
    if token:
        headers["authorization"] = f"Bearer {token}"
    return Encoder().encode([NeverIndexedHeaderTuple(*each) for each in headers.items()])


class Connection(asyncio.Protocol):
    """A connection; `call` sends a request, and `done` of it is told how it has ended."""

    def __init__(self, headers: bytes) -> None:
        self._headers = headers
        self._stream = -1
        self._open: dict[int, Done] = {}
        self._with_message: set[int] = set()
        self._waiting: deque[tuple[bytes, Done]] = deque()
        self._window = _FIRST_WINDOW
        self._most = 100
        self._taken = 0
        self._buffer = b""
        self.ready = asyncio.get_running_loop().create_future()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        settings = struct.pack("!HIHI", _HEADER_TABLE_SIZE, 0, _INITIAL_WINDOW, _WIDE)
        widen = struct.pack("!I", _WIDE - _FIRST_WINDOW)
        self._transport.write(_PREFACE + _frame(_SETTINGS, 0, 0, settings) + _frame(_WINDOW_UPDATE, 0, 0, widen))

    def connection_lost(self, _: Exception | None) -> None:
        """Of asyncio."""
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(ConnectionResetError("the server has closed the connection"))
        for done in self._open.values():
            done(Answer(False, None))
        self._open.clear()

    def call(self, message: bytes, done: Done) -> None:
        """Sends a request, or keeps it until HTTP/2 lets it out."""
        self._waiting.append((struct.pack("!BI", 0, len(message)) + message, done))
        self._send()

    def _send(self) -> None:
        frames = []
        while self._waiting and len(self._open) < self._most and len(self._waiting[0][0]) <= self._window:
            body, done = self._waiting.popleft()
            self._stream += 2
            self._window -= len(body)
            self._open[self._stream] = done
            frames.append(_frame(_HEADERS, _END_HEADERS, self._stream, self._headers))
            last = range(0, len(body), _FRAME)[-1]
            for start in range(0, len(body), _FRAME):
                flags = _END_STREAM if start == last else 0
                frames.append(_frame(_DATA, flags, self._stream, body[start : start + _FRAME]))
        if frames and not self.lost:
            self._transport.write(b"".join(frames))

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        buffer, at = self._buffer + data, 0
        while len(buffer) - at >= 9:
            length = int.from_bytes(buffer[at : at + 3], "big")
            end = at + 9 + length
            if end > len(buffer):
                break
            kind, flags, stream = buffer[at + 3], buffer[at + 4], int.from_bytes(buffer[at + 5 : at + 9], "big")
            self._take(kind, flags, stream, buffer[at + 9 : end])
            at = end
        self._buffer = buffer[at:]
        self._send()

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == _DATA:
            self._with_message.add(stream)
            self._widen(len(payload))
        elif kind == _HEADERS:
            if flags & _END_STREAM:
                self._end(stream, payload)
        elif kind == _RST_STREAM:
            self._end(stream, None)
        else:
            self._of_connection(kind, flags, stream, payload)

    def _of_connection(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == _WINDOW_UPDATE and stream == 0:
            self._window += int.from_bytes(payload, "big")
        elif kind == _PING and not flags & _ACK:
            self._transport.write(_frame(_PING, _ACK, 0, payload))
        elif kind == _SETTINGS and not flags & _ACK:
            self._most = dict(struct.iter_unpack("!HI", payload)).get(_MAX_STREAMS, _WIDE)
            self._transport.write(_frame(_SETTINGS, _ACK, 0, b""))
            if not self.ready.done():
                self.ready.set_result(None)
        elif kind == _GOAWAY:
            self._transport.close()

    def _end(self, stream: int, block: bytes | None) -> None:
        done = self._open.pop(stream, None)
        if done:
            done(Answer(stream in self._with_message, block))
        self._with_message.discard(stream)

    def _widen(self, size: int) -> None:
        self._taken += size
        if self._taken > _WIDEN:
            self._transport.write(_frame(_WINDOW_UPDATE, 0, 0, struct.pack("!I", self._taken)))
            self._taken = 0

    def close(self) -> None:
        """Closes it."""
        self._transport.close()


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack("!I", len(payload) << 8 | kind) + struct.pack("!BI", flags, stream) + payload
