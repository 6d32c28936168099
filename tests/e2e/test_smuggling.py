"""Requests over HTTP/1.1 that two readers would take apart differently: what follows them is answered by nobody."""

import re
from contextlib import ExitStack

import pytest

from tests.e2e.raw_http import connected
from tests.stack import Stack

POST = b"POST /api/score/update HTTP/1.1\r\nhost: scorewire\r\n"
GET = b"GET /api/leaderboard HTTP/1.1\r\nhost: scorewire\r\n"
# Reaches a route of its own, so that its answer cannot be taken for another.
HIDDEN = b"GET /openapi.json HTTP/1.1\r\nhost: scorewire\r\nconnection: close\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ")

REFUSED = {
    "a length and chunks": POST + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and a length": POST + b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": POST + b"content-length: 0\r\ncontent-length: 4\r\n\r\n" + HIDDEN,
    "two lengths in one": POST + b"content-length: 0, 4\r\n\r\n" + HIDDEN,
    "a length with a sign": POST + b"content-length: +0\r\n\r\n" + HIDDEN,
    "a length below zero": POST + b"content-length: -1\r\n\r\n" + HIDDEN,
    "a length in hexadecimals": POST + b"content-length: 0x0\r\n\r\n" + HIDDEN,
    "a length without an end": POST + b"content-length: 99999999999999999999\r\n\r\n" + HIDDEN,
    "an unknown encoding": POST + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and then as it is": POST + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks twice": POST + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "an encoding with a vertical tab": POST + b"transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a blank before the colon": POST + b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a chunk below zero": POST + b"transfer-encoding: chunked\r\n\r\n-1\r\n\r\n" + HIDDEN,
    "a chunk of 16 EiB": POST + b"transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nx\r\n0\r\n\r\n" + HIDDEN,
    "a chunk with a prefix": POST + b"transfer-encoding: chunked\r\n\r\n0x0\r\n\r\n" + HIDDEN,
    "a NUL in a value": GET + b"x-nul: a\0b\r\n\r\n" + HIDDEN,
    "a name with a blank": GET + b"x name: a\r\n\r\n" + HIDDEN,
    "a later version": b"GET /api/leaderboard HTTP/3.0\r\nhost: scorewire\r\n\r\n" + HIDDEN,
    "no version": b"GET /api/leaderboard\r\n\r\n" + HIDDEN,
}


@pytest.fixture(scope="module")
def refusals(stack: Stack) -> dict[str, bytes]:
    """What each is answered. The gateway hangs up a second after it refuses, and that on all at once."""
    with ExitStack() as connections:
        raws = {sent: connections.enter_context(connected(stack.gateway.port)).send(REFUSED[sent]) for sent in REFUSED}
        return {sent: raw.read_to_end() for sent, raw in raws.items()}


@pytest.mark.parametrize("sent", REFUSED)
def test_what_is_ambiguous_is_refused_with_what_follows(refusals: dict[str, bytes], sent: str) -> None:
    assert b"openapi" not in refusals[sent]
    assert STATUS.findall(refusals[sent]) in ([], [b"400"], [b"501"])


BODY = b"POST /api/score/update HTTP/1.1\r\nhost: scorewire\r\ntransfer-encoding: chunked\r\n\r\n"
TAKEN = {
    "chunks with an extension": (BODY + b'2;a="\\"";b\r\n{}\r\n0;c\r\n\r\n' + HIDDEN, [b"400", b"200"]),
    "chunks with trailers": (BODY + b"2\r\n{}\r\n0\r\nx-more: 1\r\n\r\n" + HIDDEN, [b"400", b"200"]),
    # One reader takes them, and hands them to nobody else as they were.
    "a folded line": (POST + b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + HIDDEN, [b"400", b"200"]),
    "a carriage return in a value": (GET + b"x-break: a\rb\r\n\r\n" + HIDDEN, [b"200", b"200"]),
    "two hosts": (GET + b"host: other\r\n\r\n" + HIDDEN, [b"200", b"200"]),
    "one after another": (GET + b"\r\n" + HIDDEN, [b"200", b"200"]),
    "empty lines before": (b"\r\n\r\n" + HIDDEN, [b"200"]),
    "a body that is a request": (
        POST + b"content-length: %d\r\nconnection: close\r\n\r\n" % len(HIDDEN) + HIDDEN,
        [b"400"],
    ),
}


@pytest.mark.parametrize("sent", TAKEN)
def test_what_is_clear_is_answered_once_for_each(stack: Stack, sent: str) -> None:
    content, statuses = TAKEN[sent]
    with connected(stack.gateway.port) as raw:
        assert STATUS.findall(raw.send(content).read_to_end()) == statuses


def test_lines_that_end_without_a_carriage_return_make_one_request(stack: Stack) -> None:
    sent = b"GET /api/leaderboard HTTP/1.1\nhost: scorewire\nconnection: close\n\n" + HIDDEN
    with connected(stack.gateway.port) as raw:
        received = raw.send(sent).read_to_end()
    assert b"openapi" not in received
    assert STATUS.findall(received) in ([b"200"], [b"400"])


@pytest.mark.parametrize("hidden", [b"\r\n", b"%0d%0a", b"\n"])
def test_a_path_cannot_hold_a_request(stack: Stack, hidden: bytes) -> None:
    path = b"/api/leaderboard?boardId=x" + hidden + b"x-more:1"
    with connected(stack.gateway.port) as raw:
        request = b"GET " + path + b" HTTP/1.1\r\nhost: scorewire\r\nconnection: close\r\n\r\n"
        assert STATUS.findall(raw.send(request).read_to_end()) == [b"400"]
