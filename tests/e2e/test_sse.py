"""The watch as a browser's EventSource and as `curl -N` see it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.e2e.players import Player
from tests.stack import Stack

WATCH = "/api/leaderboard/watch"
EVENTS = {"accept": "text/event-stream"}


@contextmanager
def watching(
    stack: Stack, headers: dict[str, str], **params: str | list[str]
) -> Iterator[tuple[httpx.Response, Iterator[str]]]:
    """An open watch, and its lines."""
    with httpx.stream("GET", stack.url + WATCH, headers=headers, params=params, timeout=30) as answer:
        yield answer, answer.iter_lines()


@dataclass
class Event:
    """An event as `EventSource` has it; `data` is `None` for a comment."""

    fields: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.fields["id"]

    @property
    def data(self) -> dict[str, Any] | None:
        return json.loads(self.fields["data"]) if "data" in self.fields else None


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Each event of a stream, comments too."""
    event = Event()
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            event.fields[name] = value.strip()
        else:
            yield event
            event = Event()


def news(lines: Iterator[str]) -> Iterator[Event]:
    """The events that say something."""
    return (event for event in events(lines) if event.data)


def test_events_show_the_board_and_its_changes(stack: Stack, player: Player) -> None:
    with watching(stack, EVENTS, limit="100", userId=player.user_id) as (answer, lines):
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-store"
        told = news(lines)
        first = next(told)
        assert first.data
        assert "standing" not in first.data
        assert first.id == first.data["resumeToken"]
        score = player.do().json()["score"]
        own = next(event.data["standing"] for event in told if event.data and "standing" in event.data)
        assert own["score"] == score


def test_the_events_have_the_json_of_the_lines(stack: Stack, player: Player) -> None:
    player.do()
    for params in ({}, {"aroundUserId": player.user_id, "userId": player.user_id}, {"userIds": player.user_id}):
        with watching(stack, EVENTS, **params) as (_, lines):
            event = next(news(lines)).data
        with watching(stack, {"accept": "*/*"}, **params) as (_, lines):
            assert json.loads(next(lines)) == event


def test_two_hundred_friends_fit_an_address(stack: Stack, player: Player) -> None:
    player.do()
    friends = [player.user_id, *(f"{number:x>64}" for number in range(199))]
    for accept in (EVENTS, {"accept": "*/*"}):
        with watching(stack, accept, userIds=friends) as (answer, lines):
            assert answer.status_code == httpx.codes.OK
            first = next(news(lines)).data if accept is EVENTS else json.loads(next(lines))
        assert first
        assert [standing["userId"] for standing in first["leaderboard"]["standings"]] == [player.user_id]
    read = httpx.get(f"{stack.url}/api/leaderboard", params={"userIds": friends}).json()
    assert read["leaderboard"] == first["leaderboard"]


def test_each_stream_is_told_a_time_of_its_own_to_come_back(stack: Stack) -> None:
    def told() -> int:
        with watching(stack, EVENTS) as (_, lines):
            return int(next(events(lines)).fields["retry"])

    times = [told() for _ in range(20)]
    assert all(500 <= each <= 1500 for each in times)
    assert len(set(times)) > 10


@pytest.mark.parametrize("by", ["last-event-id", "resumeToken"])
def test_a_resumed_watch_starts_with_what_is_newer(stack: Stack, player: Player, by: str) -> None:
    with watching(stack, EVENTS) as (_, lines):
        first = next(news(lines))
    player.do()
    with watching(stack, EVENTS) as (_, lines):
        newest = next(news(lines))
    resumed = [EVENTS | {by: first.id}, {}] if by == "last-event-id" else [EVENTS, {by: first.id}]
    with watching(stack, resumed[0], **resumed[1]) as (_, lines):
        assert next(news(lines)).data == newest.data
    # What an `EventSource` has seen counts more than what the address says that it began with.
    with watching(stack, EVENTS | {"last-event-id": newest.id}, resumeToken=first.id) as (_, lines):
        told = news(lines)
        player.do()
        after = next(told).data
    assert after
    assert newest.data
    assert int(after["leaderboard"]["revision"]) > int(newest.data["leaderboard"]["revision"])


def test_an_id_that_is_none_of_this_board_is_refused(stack: Stack) -> None:
    answer = httpx.get(stack.url + WATCH, headers=EVENTS | {"last-event-id": "x"})
    assert (answer.status_code, answer.json()["details"][0]["reason"]) == (400, "RESUME_TOKEN_INVALID")


def test_plain_curl_sees_one_message_a_line(stack: Stack, player: Player) -> None:
    with watching(stack, {"accept": "*/*"}) as (answer, lines):
        assert answer.headers["content-type"] == "application/json"
        before = json.loads(next(lines))
        player.do()
        after = next(sent for line in lines if line and "heartbeat" not in (sent := json.loads(line)))
    state = after.get("update") or after["leaderboard"]
    assert int(state["revision"]) > int(before["leaderboard"].get("revision", 0))


def test_a_quiet_watch_shows_that_it_is_alive(stack: Stack) -> None:
    with watching(stack, EVENTS) as (_, lines):
        told = events(lines)
        assert next(event for event in told if event.data)
        assert next(told).fields == {"": ""}
