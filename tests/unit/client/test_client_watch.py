"""Both clients' watches against a scripted server: news, breaks, silence, and the end."""

import asyncio

import grpc
import pytest

from scorewire.score.v1.score_pb2 import (
    Heartbeat,
    Leaderboard,
    Standing,
    WatchLeaderboardRequest,
    WatchLeaderboardResponse,
)
from scorewire_client import ScorewireError
from scorewire_server import errors

WATCH = "/scorewire.score.v1.ScoreService/WatchLeaderboard"


def board(revision: int, own: Standing | None = None) -> WatchLeaderboardResponse:
    leaderboard = Leaderboard(board_id="main", revision=revision)
    return WatchLeaderboardResponse(leaderboard=leaderboard, standing=own, resume_token=f"r{revision}")


def heartbeat(revision: int) -> WatchLeaderboardResponse:
    return WatchLeaderboardResponse(heartbeat=Heartbeat(), resume_token=f"r{revision}")


async def revisions(caller, count: int, **arguments) -> list[int]:
    seen = []
    async for news in caller.each("watch", **arguments):
        seen.append(news.revision)
        if len(seen) == count:
            break
    return seen


def resumed_from(peer) -> list[str]:
    return [WatchLeaderboardRequest.FromString(request).resume_token for request, _ in peer.received]


async def test_yields_boards_and_hides_heartbeats(peer, caller):
    peer.expect(WATCH, [board(1), heartbeat(1), heartbeat(1), board(2), None])
    assert await revisions(caller, 2) == [1, 2]


async def test_brings_the_own_standing(peer, caller):
    peer.expect(WATCH, [board(1), board(2, Standing(rank=40, user_id="ada", score=3)), None])
    boards = caller.each("watch", user_id="ada")
    assert (await anext(boards)).own is None
    assert (await anext(boards)).own.rank == 40


@pytest.mark.parametrize(
    "end",
    [
        pytest.param([grpc.StatusCode.UNAVAILABLE], id="the server is gone"),
        pytest.param([errors.Overloaded("full")], id="told to come back later"),
        pytest.param([grpc.StatusCode.INTERNAL], id="cut by a proxy"),
        pytest.param([], id="ended as if all were said"),
        pytest.param([None], id="fell silent"),
    ],
)
async def test_goes_on_where_the_stream_ended(peer, caller, end):
    peer.expect(WATCH, [board(1), heartbeat(2), *end], [*end], [board(3), None])
    assert await revisions(caller, 2, silence=0.3) == [1, 3]
    assert resumed_from(peer) == ["", "r2", "r2"]


async def test_starts_after_the_callers_own_token(peer, caller):
    peer.expect(WATCH, [board(5), None])
    assert await revisions(caller, 1, resume_token="r4") == [5]
    assert resumed_from(peer) == ["r4"]


@pytest.mark.parametrize(
    ("refusal", "streams"),
    [
        pytest.param(errors.BoardUnknown("no such board"), 1, id="what stays refused"),
        pytest.param(errors.UpstreamUnavailable("not there yet"), 5, id="a start that never works"),
    ],
)
async def test_gives_up(peer, caller, monkeypatch, refusal, streams):
    monkeypatch.setattr(type(refusal), "retry_after", None)
    peer.expect(WATCH, *[[refusal]] * streams)
    with pytest.raises(ScorewireError) as raised:
        await revisions(caller, 1)
    assert raised.value.reason == refusal.reason
    assert len(peer.received) == streams


async def test_a_board_that_was_heard_is_never_given_up(peer, caller):
    lost = [grpc.StatusCode.UNAVAILABLE]
    peer.expect(WATCH, [board(1), *lost], *[lost] * 4, [board(2), None])
    assert await revisions(caller, 2) == [1, 2]


async def test_closing_the_client_ends_its_watches(peer, caller):
    peer.expect(WATCH, [board(1), None])
    boards = caller.each("watch")
    await anext(boards)
    waiting = asyncio.ensure_future(anext(boards, "ended"))
    await caller.close()
    assert await asyncio.wait_for(waiting, 5) == "ended"
