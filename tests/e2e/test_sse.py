"""The watch as a browser's EventSource and as `curl -N` see it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.e2e.players import Player
from tests.stack import Stack

WATCH = "/api/leaderboard/watch"
EVENTS = {"accept": "text/event-stream"}


@contextmanager
def watching(stack: Stack, headers: dict[str, str], **params: str) -> Iterator[tuple[httpx.Response, Iterator[str]]]:
    """An open watch, and its lines that are not empty."""
    with httpx.stream("GET", stack.url + WATCH, headers=headers, params=params, timeout=30) as answer:
        yield answer, (line for line in answer.iter_lines() if line)


def event(line: str) -> dict[str, object]:
    name, _, data = line.partition(": ")
    assert name == "data"
    return json.loads(data)


def test_an_event_source_sees_the_board_and_its_changes(stack: Stack, player: Player) -> None:
    with watching(stack, EVENTS, limit="100", userId=player.user_id) as (answer, lines):
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-store"
        assert "standing" not in event(next(lines))
        score = player.do().json()["score"]
        own = next(board["standing"] for board in map(event, lines) if "standing" in board)
        assert own["score"] == score


def test_a_resumed_watch_starts_with_what_is_newer(stack: Stack, player: Player) -> None:
    with watching(stack, EVENTS) as (_, lines):
        first = event(next(lines))
    player.do()
    with watching(stack, EVENTS, resumeToken=first["resumeToken"]) as (_, lines):
        resumed = event(next(lines))
    assert int(resumed["leaderboard"]["revision"]) > int(first["leaderboard"].get("revision", 0))


def test_plain_curl_sees_one_board_a_line(stack: Stack, player: Player) -> None:
    with watching(stack, {"accept": "*/*"}) as (answer, lines):
        assert answer.headers["content-type"] == "application/json"
        before = json.loads(next(lines))
        player.do()
        after = next(sent for sent in map(json.loads, lines) if "leaderboard" in sent)
    assert int(after["leaderboard"]["revision"]) > int(before["leaderboard"].get("revision", 0))


def test_a_quiet_watch_shows_that_it_is_alive(stack: Stack) -> None:
    with watching(stack, EVENTS) as (_, lines):
        next(lines)
        alive = event(next(lines))
    assert alive["heartbeat"] == {}
    assert alive["resumeToken"]
