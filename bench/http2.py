"""A client of gRPC that costs little: one HTTP/2 connection, request headers encoded once, answers hardly looked at.

A client of grpcio costs as much CPU for a call as the server that it calls, and could never press three times as hard
as the server can bear. This one makes unary calls alone, writes many at a time, takes no part in compression, and keeps
just as much of HTTP/2 as that needs.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Callable, Sequence
from typing import cast

from hpack import Encoder, NeverIndexedHeaderTuple

from bench.frames import (
    ACK,
    DATA,
    END_HEADERS,
    END_STREAM,
    FIRST_WINDOW,
    GOAWAY,
    HEAD,
    HEADERS,
    MAX_STREAMS,
    PING,
    RST_STREAM,
    SETTINGS,
    WIDE,
    WIDEN,
    WINDOW_UPDATE,
    frame,
    head,
    opening,
)

_FRAME = 16_384

Answered = Callable[[int, bool, bytes | None], None]
"""Is told how the call of that number has ended: with a message or without, and its last block of headers, encoded.

The block is `None` where the stream was reset, which says nothing of why.
"""


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
    """A connection, whose calls have the numbers 0, 1, 2, ... in the order in which they are asked for."""

    def __init__(self, headers: bytes, answered: Answered) -> None:
        self._opening = head(len(headers), HEADERS, END_HEADERS, 0)[:-4], headers
        # Headers and a message in one frame each.
        self._call = struct.Struct(f"!5sI{len(headers)}sHBBBIBI").pack
        self._answered = answered
        self._stream = -1
        self._with_message: set[int] = set()
        self._open: set[int] = set()
        self._waiting: deque[bytes] = deque()
        self._window = FIRST_WINDOW
        self._most = 100
        self._taken = 0
        self._buffer = b""
        self.ready = asyncio.get_running_loop().create_future()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(opening())

    def connection_lost(self, _: Exception | None) -> None:
        """Of asyncio."""
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(ConnectionResetError("the server has closed the connection"))

    def call(self, messages: Sequence[bytes]) -> None:
        """Sends requests, or keeps them until HTTP/2 lets them out."""
        self._waiting.extend(messages)
        self._send()

    def _send(self) -> None:
        waiting = self._waiting
        frames: list[bytes] = []
        while waiting and len(self._open) < self._most and (size := len(waiting[0]) + 5) <= self._window:
            self._stream = stream = self._stream + 2
            self._window -= size
            self._open.add(stream)
            message, (head, headers) = waiting.popleft(), self._opening
            if size <= _FRAME:
                flags = size >> 8, size & 255, DATA, END_STREAM
                frames += (self._call(head, stream, headers, *flags, stream, 0, size - 5), message)
            else:
                frames += (head, stream.to_bytes(4), headers, *_large(stream, message))
        if frames and not self.lost:
            self._transport.write(b"".join(frames))

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        buffer, at = self._buffer + data if self._buffer else data, 0
        size, unpacked = len(buffer), HEAD.unpack_from
        while size - at >= 9:
            high, low, kind, flags, stream = unpacked(buffer, at)
            end = at + 9 + (high << 8 | low)
            if end > size:
                break
            if kind == HEADERS:
                if flags & END_STREAM:
                    self._end(stream, buffer[at + 9 : end])
            elif kind == DATA:
                self._with_message.add(stream)
                self._taken += end - at - 9
            else:
                self._take(kind, flags, stream, buffer[at + 9 : end])
            at = end
        self._buffer = buffer[at:]
        self._widen()
        self._send()

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == RST_STREAM:
            self._end(stream, None)
        elif kind == WINDOW_UPDATE and stream == 0:
            self._window += int.from_bytes(payload, "big")
        elif kind == PING and not flags & ACK:
            self._transport.write(frame(PING, ACK, 0, payload))
        elif kind == SETTINGS and not flags & ACK:
            self._most = dict(struct.iter_unpack("!HI", payload)).get(MAX_STREAMS, WIDE)
            self._transport.write(frame(SETTINGS, ACK, 0, b""))
            if not self.ready.done():
                self.ready.set_result(None)
        elif kind == GOAWAY:
            self._transport.close()

    def _end(self, stream: int, block: bytes | None) -> None:
        if stream not in self._open:  # a server may reset what it has answered before it had the whole request
            return
        self._open.remove(stream)
        if has_message := stream in self._with_message:
            self._with_message.remove(stream)
        self._answered(stream >> 1, has_message, block)

    def _widen(self) -> None:
        if self._taken > WIDEN:
            self._transport.write(frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", self._taken)))
            self._taken = 0

    def close(self) -> None:
        """Closes it."""
        self._transport.close()


def _large(stream: int, message: bytes) -> list[bytes]:
    body = b"\0" + len(message).to_bytes(4) + message
    *most, last = [body[start : start + _FRAME] for start in range(0, len(body), _FRAME)]
    return [*(frame(DATA, 0, stream, part) for part in most), frame(DATA, END_STREAM, stream, last)]
