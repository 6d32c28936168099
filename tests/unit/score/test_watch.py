"""The watch keeps its promises, on a board without a server; tests/rpc does the same over the wire."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorewire.score.v1.score_pb2 import WatchLeaderboardResponse
from scorewire_server.errors import Draining, TooManyWatches
from scorewire_server.score.board import Board
from scorewire_server.score.ranking import Ranking
from scorewire_server.score.watch import WATCHERS, Pace, Watches
from scorewire_server.settings import ScoreSettings
from tests import promises
from tests.unit.score.reading import leaderboard

AGES = 3600.0
AT_ONCE = 0.0
SOON = 0.005


class Stream:
    """A watch that is read in the background."""

    def __init__(self, responses: AsyncIterator[bytes]) -> None:
        self.messages: list[WatchLeaderboardResponse] = []
        self._grown = asyncio.Event()
        self.task = asyncio.create_task(self._read(responses))

    async def _read(self, responses: AsyncIterator[bytes]) -> None:
        async for encoded in responses:
            self.messages.append(WatchLeaderboardResponse.FromString(encoded))
            self._grown.set()

    async def until(self, condition: Callable[[list[WatchLeaderboardResponse]], bool]) -> None:
        while not condition(self.messages):
            await self._grown.wait()
            self._grown.clear()

    async def until_revision(self, revision: int) -> None:
        await self.until(lambda messages: any(b.revision >= revision for b in promises.boards(messages)))


@pytest.fixture
def board() -> Board:
    made = Board("main", {"ada": "Ada"}, "d" * 32)
    made.restore(Ranking([("ada", 5, 1), ("bob", 3, 2)]), 2)
    return made


def change(board: Board, user_id: str = "ada") -> None:
    position = board.revision + 1
    place = board.ranking.place(user_id)
    board.ranking.update(user_id, (place.score if place else 0) + 1, position)
    board.publish(position)


@asynccontextmanager
async def watching(
    board: Board, pace: Pace, seen: int = -1, limit: int = 10, user_id: str | None = None
) -> AsyncIterator[tuple[Stream, Watches]]:
    watches = Watches(pace, most=1, most_of_one=1)
    stream = Stream(watches.watch(board, limit, user_id, seen))
    try:
        yield stream, watches
    finally:
        stream.task.cancel()
        await asyncio.wait([stream.task])


async def test_a_new_watch_sends_the_board_as_it_is(board):
    async with watching(board, Pace(AGES, AGES)) as (stream, _):
        await stream.until(bool)
        promises.convergent(stream.messages, leaderboard(board))
        promises.kept(stream.messages)


async def test_an_empty_board_is_a_board(board):
    board.restore(Ranking(), 0)
    async with watching(board, Pace(AGES, AGES)) as (stream, _):
        await stream.until(bool)
        promises.convergent(stream.messages, leaderboard(board))


async def test_ordered_unique_and_convergent_through_many_changes(board):
    async with watching(board, Pace(AT_ONCE, AGES)) as (stream, _):
        for burst in range(40):
            for _ in range(burst % 4):
                change(board, f"user-{burst % 7}")
            await asyncio.sleep(0)
        await stream.until_revision(board.revision)
        promises.kept(stream.messages)
        promises.convergent(stream.messages, leaderboard(board, 10))
        assert len(stream.messages) > 2


async def test_who_reads_slowly_skips_states_and_ends_on_the_last(board):
    reading = Watches(Pace(AT_ONCE, AGES), most=1, most_of_one=1).watch(board, 10, None, -1)
    first = WatchLeaderboardResponse.FromString(await anext(reading))
    for _ in range(100):
        change(board)
    second = WatchLeaderboardResponse.FromString(await anext(reading))
    await reading.aclose()
    assert [first.leaderboard.revision, second.leaderboard.revision] == [2, 102]


async def test_two_boards_are_never_closer_than_the_least_interval(board):
    async with watching(board, Pace(AGES, AGES)) as (stream, _):
        await stream.until(bool)
        change(board)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(stream.messages) == 1


async def test_bookmarkable_from_the_last_message(board):
    async with watching(board, Pace(AT_ONCE, AGES)) as (first, _):
        await first.until(bool)
    seen = board.seen(first.messages[-1].resume_token)
    async with watching(board, Pace(AT_ONCE, SOON), seen) as (again, _):
        await again.until(lambda messages: len(messages) >= 2)  # signs of life alone
        assert promises.boards(again.messages) == []
        change(board)
        await again.until_revision(3)
        promises.bookmarkable(first.messages, again.messages)
        promises.kept(again.messages)


async def test_bookmarkable_from_a_heartbeat(board):
    async with watching(board, Pace(AT_ONCE, SOON)) as (stream, _):
        await stream.until(lambda messages: len(messages) >= 3)
    assert board.seen(stream.messages[-1].resume_token) == board.revision


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(Board("main", {}, "e" * 32), id="another database"),
        pytest.param(Board("main", {}, "d" * 32), id="this database before it was set back"),
    ],
)
async def test_a_token_from_elsewhere_starts_over(board, elsewhere):
    elsewhere.restore(Ranking([("eve", 1, 9)]), 9)
    async with watching(elsewhere, Pace(AT_ONCE, AGES)) as (before, _):
        await before.until(bool)
    async with watching(board, Pace(AT_ONCE, AGES), board.seen(before.messages[-1].resume_token)) as (after, _):
        await after.until(bool)
        promises.started_over(before.messages, after.messages)
        promises.convergent(after.messages, leaderboard(board))


async def test_alive_while_nothing_changes(board):
    async with watching(board, Pace(AT_ONCE, SOON), user_id="ada") as (stream, _):
        await stream.until(lambda messages: len(messages) >= 4)
        promises.alive(stream.messages)
        promises.kept(stream.messages)
        assert len(promises.boards(stream.messages)) == 1


@given(st.data())
def test_alive_in_time_with_the_settings_as_they_come(data):
    settings = ScoreSettings()
    pace = Pace(settings.watch_min_interval_seconds, settings.heartbeat_seconds)
    quiet = [pace.next_heartbeat() for _ in range(50)]
    promises.alive_in_time(settings, quiet)
    assert len(set(quiet)) > 1  # a thousand streams do not beat as one


@pytest.mark.parametrize(
    ("pace", "sent"),
    [
        pytest.param(Pace(AT_ONCE, AGES), 1, id="while it waits for a change"),
        pytest.param(Pace(AGES, AGES), 1, id="while it holds the next board back"),
        pytest.param(Pace(AT_ONCE, SOON), 3, id="while it beats"),
    ],
)
async def test_ended_well(board, pace, sent):
    async with watching(board, pace) as (stream, watches):
        await stream.until(lambda messages: len(messages) >= sent)
        watches.end()
        board.wake()
        with pytest.raises(Draining) as ended:
            await stream.task
        assert ended.value.retry_after


async def test_a_watch_that_comes_during_the_drain_ends_at_once(board):
    watches = Watches(Pace(AGES, AGES), most=1, most_of_one=1)
    watches.end()
    with pytest.raises(Draining):
        await anext(watches.watch(board, 10, None, -1))


@pytest.mark.parametrize(
    ("user_id", "limit", "standing"),
    [
        pytest.param("bob", 1, (2, "bob", 3), id="below the top"),
        pytest.param("ada", 1, (1, "ada", 5), id="in the top"),
        pytest.param("eve", 10, None, id="without a standing"),
        pytest.param(None, 10, None, id="nobody"),
    ],
)
async def test_the_own_standing_comes_with_every_board(board, user_id, limit, standing):
    async with watching(board, Pace(AT_ONCE, AGES), limit=limit, user_id=user_id) as (stream, _):
        await stream.until(bool)
        (message,) = stream.messages
        own = message.standing
        assert message.HasField("standing") == (standing is not None)
        assert (own.rank, own.user_id, own.score) == (standing or (0, "", 0))
        assert len(message.leaderboard.standings) == min(limit, 2)


async def test_the_own_standing_appears_with_the_first_award(board):
    async with watching(board, Pace(AT_ONCE, AGES), user_id="eve") as (stream, _):
        await stream.until(bool)
        change(board, "eve")
        await stream.until_revision(3)
        assert [message.HasField("standing") for message in stream.messages] == [False, True]


def test_open_watches_are_counted_and_no_more_than_there_are_places_for():
    before, watches = WATCHERS._value.get(), Watches(Pace(AGES, AGES), most=1, most_of_one=1)
    with watches.place(None):
        assert WATCHERS._value.get() == before + 1
        with pytest.raises(TooManyWatches), watches.place(None):
            pass
    assert WATCHERS._value.get() == before
    with watches.place(None):
        pass
