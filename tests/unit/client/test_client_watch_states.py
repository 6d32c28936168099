"""Both clients' watches over interruptions: what the application is told, and what is asked of the server."""

import random
from collections import Counter

import grpc
import pytest
from google.protobuf.json_format import MessageToDict

from scorewire.score.v1.score_pb2 import LeaderboardUpdate, WatchLeaderboardRequest, WatchLeaderboardResponse
from scorewire_client import ScorewireError, WatchState
from scorewire_client.watching import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Watching
from tests.unit.client.conftest import WATCH
from tests.unit.client.test_client_watch import board, heartbeat, revisions

GONE = grpc.StatusCode.UNAVAILABLE


async def states(caller, count: int, **arguments) -> list[str]:
    """The names of the states until so many boards have come."""
    told: list[WatchState] = []
    await revisions(caller, count, on_state=told.append, **arguments)
    return [state.name for state in told]


def update(before: int, revision: int) -> WatchLeaderboardResponse:
    changed = LeaderboardUpdate(board_id="main", revision=revision, previous_revision=before)
    return WatchLeaderboardResponse(update=changed, resume_token=f"r{revision}")


def asked(peer) -> list[dict]:
    return [MessageToDict(WatchLeaderboardRequest.FromString(request)) for request, _ in peer.received]


async def test_asks_for_a_window_and_how_it_is_to_be_sent(peer, caller):
    peer.expect(WATCH, *[[board(1), None]] * 3)
    await revisions(caller, 1, board_id="weekly", limit=5, user_id="ada", min_interval=0.5)
    await revisions(caller, 1, around_user_id="ada", radius=2, whole_boards=True)
    await revisions(caller, 1, user_ids=["ada", "bob"])
    assert asked(peer) == [
        {"boardId": "weekly", "limit": 5, "userId": "ada", "minInterval": "0.500s"},
        {"aroundUserId": "ada", "radius": 2, "wholeBoards": True},
        {"userIds": ["ada", "bob"]},
    ]


async def test_updates_come_as_whole_boards(peer, caller):
    peer.expect(WATCH, [board(1), update(1, 2), heartbeat(2), update(2, 5), None])
    assert await revisions(caller, 3) == [1, 2, 5]


async def test_an_update_that_does_not_fit_makes_the_watch_start_over(peer, caller):
    peer.expect(WATCH, [board(1), update(2, 3), None], [board(4), None])
    assert await revisions(caller, 2) == [1, 4]
    assert asked(peer) == [{}, {"wholeBoards": True}]


async def test_tells_how_it_stands(peer, caller):
    peer.expect(WATCH, [board(1), GONE], [board(2), GONE], [GONE], [GONE], [board(3), None])
    assert await states(caller, 3) == ["live", "reconnecting", "live", "reconnecting", "stale", "stale", "live"]


async def test_a_stream_that_falls_silent_is_stale_at_once(peer, caller):
    peer.expect(WATCH, [board(1), None], [board(2), None])
    assert await states(caller, 2, silence=0.3) == ["live", "stale", "live"]


async def test_is_live_before_there_is_news(peer, caller):
    peer.expect(WATCH, [board(1), GONE], [heartbeat(1), GONE], [None], [board(2), None])
    told = await states(caller, 2, silence=0.3)
    assert told == ["live", "reconnecting", "live", "reconnecting", "live", "stale", "live"]


async def test_says_since_when_it_is_out_of_date_and_why(peer, caller):
    told: list[WatchState] = []
    peer.expect(WATCH, [board(1), heartbeat(1), GONE], [GONE], [board(2), None])
    await revisions(caller, 2, on_state=told.append)
    live, reconnecting, stale, again = told
    assert live.since <= reconnecting.since == stale.since < again.since
    assert (live.error, reconnecting.error.code, stale.error.code, again.error) == (None, GONE, GONE, None)


async def test_the_state_can_be_read(peer, caller):
    peer.expect(WATCH, [board(1), None])
    watch = caller.client.watch()
    assert watch.state == WatchState("connecting")
    boards = caller.items_of(watch)
    await anext(boards)
    assert watch.state.name == "live"
    watch.close()
    assert await anext(boards, "ended") == "ended"


async def test_nothing_is_stale_that_never_was_there(peer, caller):
    told: list[WatchState] = []
    peer.expect(WATCH, *[[GONE]] * 5)
    with pytest.raises(ScorewireError):
        await revisions(caller, 1, on_state=told.append)
    assert told == []


def waits(error: ScorewireError, failures: int) -> list[float]:
    """How long each of a thousand watches waits that failed so often, all at once."""
    watches = [Watching(None, {}) for _ in range(1000)]
    for watch in watches:
        watch.take(board(1))
    for _ in range(failures - 1):
        for watch in watches:
            watch.pause(error)
    return [watch.pause(error) for watch in watches]


@pytest.mark.parametrize("asked_for", [None, 1.5], ids=["cut", "told when to come again"])
@pytest.mark.parametrize(
    ("failures", "longest"), [(1, FIRST_PAUSE_SECONDS), (3, 4 * FIRST_PAUSE_SECONDS), (9, LONGEST_PAUSE_SECONDS)]
)
def test_a_thousand_watches_that_are_cut_off_at_once_come_back_one_by_one(
    monkeypatch, failures: int, longest: float, asked_for: float | None
):
    monkeypatch.setattr(random, "uniform", random.Random(1).uniform)
    pauses = sorted(waits(ScorewireError(GONE, "cut", retry_after=asked_for), failures))
    earliest = asked_for or 0.0
    assert earliest <= pauses[0]
    assert pauses[-1] <= earliest + longest
    # In each twentieth of that time there come 50 on average, and nowhere twice as many.
    arrivals = Counter(int((pause - earliest) / longest * 20) for pause in pauses)
    assert len(arrivals) == 20
    assert max(arrivals.values()) < 100
    assert min(arrivals.values()) > 25
