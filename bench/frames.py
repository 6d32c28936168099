"""The frames of HTTP/2 that the bench's own clients speak in."""

import struct

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
MAX_STREAMS = 3
WIDE = 2**31 - 1
FIRST_WINDOW = 65_535
WIDEN = 2**24
"""After how many bytes of answers the window of the connection is opened as wide again."""
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADER_TABLE_SIZE, _INITIAL_WINDOW = 1, 4
HEAD = struct.Struct("!HBBBI")
"""Of a frame: its length in two parts, kind, flags, stream."""


def head(length: int, kind: int, flags: int, stream: int) -> bytes:
    """What a frame of so many bytes begins with."""
    return HEAD.pack(length >> 8, length & 255, kind, flags, stream)


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """A frame."""
    return head(len(payload), kind, flags, stream) + payload


def opening() -> bytes:
    """What a client says first: no table of headers, and windows as wide as they can be."""
    settings = struct.pack("!HIHI", _HEADER_TABLE_SIZE, 0, _INITIAL_WINDOW, WIDE)
    return (
        _PREFACE + frame(SETTINGS, 0, 0, settings) + frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", WIDE - FIRST_WINDOW))
    )
