"""Both Python clients' watches of every window, while awards are given and over a restart of the real score server.

What the client makes of updates is what the server would answer to whoever asks now, and movement adds up.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest

from scorewire_client import AsyncScorewire, Board, Scorewire
from scorewire_client.boards import Boards
from scorewire_server.clock import system_clock
from tests.pair import prepare, running_scores
from tests.processes import free_ports

USERS = [f"user{number}" for number in range(20)]
GIVEN = 6 * len(USERS)
FRIENDS = ["user3", "user11", "user18", "nobody"]

WINDOWS = [
    pytest.param({"limit": 5}, lambda client: client.top(limit=5), id="top"),
    pytest.param({"limit": 5, "whole_boards": True}, lambda client: client.top(limit=5), id="top, whole boards"),
    pytest.param(
        {"around_user_id": "user7", "radius": 3}, lambda client: client.around("user7", radius=3), id="around somebody"
    ),
    pytest.param({"user_ids": FRIENDS}, lambda client: client.among(FRIENDS), id="friends"),
]


@pytest.fixture
def settings(tmp_path, certs):
    return prepare(tmp_path, certs, score={"port": free_ports(1)[0], "watch_min_interval_seconds": 0.0})


@pytest.fixture
def updates(monkeypatch) -> list[int]:
    """The revisions that came as updates."""
    seen, take = [], Boards.take

    def noted(self, message):
        if message.HasField("update"):
            seen.append(message.update.revision)
        return take(self, message)

    monkeypatch.setattr(Boards, "take", noted)
    return seen


async def boards_of(client: Scorewire | AsyncScorewire, watched: dict) -> AsyncIterator[Board]:
    """The boards of either client's watch."""
    watch = client.watch(**watched, user_id="user0")
    if isinstance(client, AsyncScorewire):
        async for board in watch:
            yield board
    else:
        while board := await asyncio.to_thread(next, watch, None):
            yield board


async def give(client: AsyncScorewire, chance: random.Random) -> int:
    """Gives `GIVEN` awards, everybody at least one, some at once; answers the newest one's revision."""
    newest = 0
    for turn in range(GIVEN // 6):
        some = [(USERS[turn], 1), *((chance.choice(USERS), chance.randint(1, 50)) for _ in range(5))]
        awards = await asyncio.gather(*(client.award(user, points) for user, points in some))
        newest = max(newest, *(award.revision for award in awards))
    return newest


async def until_shown(boards: AsyncIterator[Board], revision: int) -> list[Board]:
    """The boards that come until one shows that revision."""
    seen = []
    async for board in boards:
        seen.append(board)
        if board.revision >= revision:
            return seen
    raise AssertionError("the watch ended")


def places(board: Board) -> dict[str, tuple[int, int]]:
    return {standing.user_id: (standing.rank, standing.score) for standing in board.standings}


def check_movement(boards: list[Board]) -> None:
    for before, after in pairwise(boards):
        former = places(before)
        for standing in after.standings:
            rank, score = former.get(standing.user_id, (None, None))
            moved = None if rank is None else (rank - standing.rank, standing.score - score)
            assert moved == (None if standing.rank_change is None else (standing.rank_change, standing.score_change))


@pytest.mark.parametrize("kind", [Scorewire, AsyncScorewire], ids=["sync", "async"])
@pytest.mark.parametrize(("watched", "read"), WINDOWS)
async def test_ends_on_what_the_server_has_over_a_restart(
    settings, where, updates, kind, watched: dict, read: Callable[[AsyncScorewire], object]
):
    async with AsyncScorewire(**where) as backend:
        client, chance, seen = kind(**where), random.Random(1), []
        boards = boards_of(client, watched)
        for _ in range(2):
            async with running_scores(settings, system_clock):
                newest = await give(backend, chance)
                seen += await until_shown(boards, newest)
                watching = asyncio.create_task(until_shown(boards, newest + GIVEN))
                assert await give(backend, chance) == newest + GIVEN
                seen += await watching
                now = await read(backend)
                own = await backend.standing("user0")
        await asyncio.to_thread(client.close) if kind is Scorewire else await client.close()
    last = seen[-1]
    assert (places(last), last.total_users, last.revision) == (places(now), now.total_users, now.revision)
    assert (last.own.rank, last.own.score) == (own.rank, own.score)
    assert last.update_time is not None
    revisions = [board.revision for board in seen]
    assert revisions == sorted(set(revisions))
    assert bool(updates) != watched.get("whole_boards", False)
    check_movement(seen)
