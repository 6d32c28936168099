"""A client of watches that costs little: many server streams over one HTTP/2 connection, messages handed on as bytes.

A stream of grpcio costs its client more CPU than it costs the server, and five thousand of them would measure the
client. This one keeps just as much of HTTP/2 as reading needs.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import cast

from bench.frames import (
    ACK,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PING,
    RST_STREAM,
    SETTINGS,
    WIDEN,
    WINDOW_UPDATE,
    frame,
    opening,
)

_PREFIX = 5
"""What gRPC puts before each message: a flag, and its length."""

Took = Callable[[int, bytes], None]


class Streams(asyncio.Protocol):
    """A connection with streams; `took` is told each message, with the number of its stream on this connection."""

    def __init__(self, headers: bytes, took: Took) -> None:
        self._headers = headers
        self._took = took
        self._buffer = b""
        self._partial: dict[int, bytes] = {}
        self._read = 0
        self.opened = 0
        self.ended = 0
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(opening())

    def connection_lost(self, _: Exception | None) -> None:
        """Of asyncio."""
        self.ended = self.opened
        if not self.ready.done():
            self.ready.set_exception(ConnectionResetError("the server has closed the connection"))

    def open(self, request: bytes) -> None:
        """Begins a stream with its only request."""
        stream = 2 * self.opened + 1
        self.opened += 1
        body = struct.pack("!BI", 0, len(request)) + request
        self._transport.write(
            frame(HEADERS, END_HEADERS, stream, self._headers) + frame(DATA, END_STREAM, stream, body)
        )

    def close(self) -> None:
        """Ends the connection, and every stream with it."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        buffer, at = self._buffer + data if self._buffer else data, 0
        while len(buffer) - at >= 9:
            end = at + 9 + int.from_bytes(buffer[at : at + 3], "big")
            if end > len(buffer):
                break
            if buffer[at + 3] == DATA:
                self._message(int.from_bytes(buffer[at + 5 : at + 9], "big"), buffer[at + 9 : end])
            else:
                self._control(buffer[at + 3], buffer[at + 4], buffer[at + 9 : end])
            at = end
        self._buffer = buffer[at:]
        self._widen(at)

    def _message(self, stream: int, payload: bytes) -> None:
        payload = self._partial.pop(stream, b"") + payload
        while len(payload) >= _PREFIX:
            end = _PREFIX + int.from_bytes(payload[1:_PREFIX], "big")
            if end > len(payload):
                break
            self._took(stream // 2, payload[_PREFIX:end])
            payload = payload[end:]
        if payload:
            self._partial[stream] = payload

    def _control(self, kind: int, flags: int, payload: bytes) -> None:
        if (kind == HEADERS and flags & END_STREAM) or kind == RST_STREAM:
            self.ended += 1
        elif kind == PING and not flags & ACK:
            self._transport.write(frame(PING, ACK, 0, payload))
        elif kind == SETTINGS and not flags & ACK:
            self._transport.write(frame(SETTINGS, ACK, 0, b""))
            if not self.ready.done():
                self.ready.set_result(None)
        elif kind == GOAWAY:
            self._transport.close()

    def _widen(self, size: int) -> None:
        self._read += size
        if self._read > WIDEN:
            self._transport.write(frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", self._read)))
            self._read = 0
