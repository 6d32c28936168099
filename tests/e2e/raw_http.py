"""Connections to the gateway on which anything may be sent."""

import itertools
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Self

from hpack import Encoder
from hyperframe.frame import Frame, GoAwayFrame, HeadersFrame, PingFrame, SettingsFrame

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SECONDS = 20
_HEADER = 9
_words = itertools.count(2**62)

GET = ((":method", "GET"), (":scheme", "http"), (":authority", "scorewire"), (":path", "/api/leaderboard"))


class Raw:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.received = b""

    def send(self, *frames: Frame | bytes) -> Self:
        """Sends frames, or bytes as they are, for as long as the other side listens."""
        sent = b"".join(frame if isinstance(frame, bytes) else frame.serialize() for frame in frames)
        with suppress(BrokenPipeError, ConnectionResetError):  # it may hang up
            self._connection.sendall(sent)
        return self

    def settle(self) -> bool:
        """Waits until all that was sent has been dealt with; answers whether the connection is still there."""
        word = next(_words).to_bytes(8, "big")
        self.send(PingFrame(0, opaque_data=word))
        acknowledged = PingFrame(0, opaque_data=word, flags=["ACK"]).serialize()
        return self._read_until(acknowledged)

    def read_to_end(self) -> bytes:
        """All that comes until the other side hangs up."""
        self._read_until(None)
        return self.received

    def _read_until(self, expected: bytes | None) -> bool:
        while expected is None or not (expected in self.received or self._has_said_goodbye()):
            try:
                piece = self._connection.recv(65_536)
            except ConnectionResetError:
                return False
            if not piece:
                return False
            self.received += piece
        return expected in self.received if expected else True

    def _has_said_goodbye(self) -> bool:
        """Whether there is a GOAWAY among the frames: it hangs up a second later."""
        at = 0
        while len(self.received) >= at + _HEADER:
            if self.received[at + 3] == GoAwayFrame.type:
                return True
            at += _HEADER + int.from_bytes(self.received[at : at + 3], "big")
        return False


@contextmanager
def connected(port: int) -> Iterator[Raw]:
    """A connection on which nothing was sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        yield Raw(connection)


@contextmanager
def http2(port: int, **settings: int) -> Iterator[Raw]:
    """A connection that speaks HTTP/2."""
    with connected(port) as raw:
        yield raw.send(PREFACE, SettingsFrame(0, settings={int(key[1:]): value for key, value in settings.items()}))


def headers(
    stream: int, fields: Sequence[tuple[str, str]] = GET, flags: Sequence[str] = ("END_HEADERS", "END_STREAM")
) -> HeadersFrame:
    """A request's first frame; each is encoded as if it were the connection's first."""
    encoder = Encoder()
    encoder.header_table_size = 0
    return HeadersFrame(stream, data=encoder.encode(fields), flags=list(flags))
