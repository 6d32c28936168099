"""The watch keeps its promises, on a board without a server; tests/rpc does the same over the wire."""

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorewire.score.v1.score_pb2 import WatchLeaderboardResponse
from scorewire_server.errors import BoardRebuilt, Draining
from scorewire_server.score.board import Board
from scorewire_server.score.ranking import Ranking
from scorewire_server.score.views import VIEWS
from scorewire_server.score.watch import Asked, Times, Watch
from scorewire_server.score.waves import Waves
from scorewire_server.score.windows import Among, Around, Top
from scorewire_server.settings import ScoreSettings
from scorewire_server.storage.chain import GENESIS
from scorewire_server.storage.records import Newest
from tests import promises
from tests.unit.score.reading import leaderboard
from tests.unit.score.watching import (
    AGES,
    PATIENT,
    SOON,
    TEN,
    change,
    make_board,
    make_places,
    make_watch,
    newest,
    watching,
)


@pytest.fixture
def board() -> Board:
    return make_board()


async def test_a_new_watch_sends_the_board_as_it_is(board):
    async with watching(board) as stream:
        await stream.until(bool)
        promises.convergent(stream.messages, leaderboard(board))
        promises.kept(stream.messages)


async def test_an_empty_board_is_a_board(board):
    board.restore(Ranking(), Newest(0, 0, GENESIS))
    async with watching(board) as stream:
        await stream.until(bool)
        promises.convergent(stream.messages, leaderboard(board))
        assert not stream.messages[0].leaderboard.HasField("update_time")


@pytest.mark.parametrize("whole", [False, True], ids=["updates", "whole boards"])
async def test_ordered_unique_and_convergent_through_many_changes(board, whole):
    async with watching(board, asked=Asked(TEN, whole_boards=whole)) as stream:
        for burst in range(40):
            for _ in range(burst % 4):
                change(board, f"user-{burst % 7}")
            await asyncio.sleep(0)
        await stream.until_revision(board.revision)
        promises.kept(stream.messages)
        promises.begins_whole(stream.messages, whole_boards=whole)
        promises.tells_changes(stream.messages)
        promises.convergent(stream.messages, leaderboard(board, 10))
        assert len(stream.messages) > 2


async def test_who_reads_slowly_skips_states_and_ends_on_the_last(board):
    async with aclosing(make_watch(board).messages()) as reading:
        first = await anext(reading)
        for _ in range(100):
            change(board)
        second = await anext(reading)
    messages = list(map(WatchLeaderboardResponse.FromString, (first, second)))
    assert [each.revision for each in promises.boards(messages)] == [2, 102]
    promises.tells_changes(messages)


async def test_all_who_have_seen_the_same_share_the_bytes(board):
    async with aclosing(make_watch(board).messages()) as one, aclosing(make_watch(board).messages()) as two:
        for _ in range(3):
            first, second = await anext(one), await anext(two)
            assert first is second
            change(board)
    assert board.read(TEN) is board.read(TEN)


async def test_between_two_states_is_the_least_interval(board):
    board = make_board(AGES)
    async with watching(board) as stream:
        await stream.until(bool)
        change(board)  # the first after a quiet time
        await stream.until_revision(board.revision)
        change(board)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(stream.messages) == 2
        async with watching(board) as late:  # whoever comes is shown the newest
            await late.until_revision(board.revision)


async def test_what_is_held_back_comes_when_the_interval_is_over():
    board = make_board(SOON)
    async with watching(board) as stream:
        for _ in range(3):
            change(board)
        await stream.until_revision(board.revision)
        promises.kept(stream.messages)


async def test_a_client_has_a_pace_of_its_own(board):
    asked = Asked(TEN, min_interval=AGES)
    async with watching(board, Times(SOON, AGES), asked) as slow, watching(board) as other:
        await slow.until(bool)
        change(board)
        await other.until_revision(board.revision)
        await slow.until(lambda messages: len(messages) > 3)  # signs of life alone
        promises.alive(slow.messages)
        assert len(promises.boards(slow.messages)) == 1
    async with watching(board, asked=Asked(TEN, min_interval=SOON)) as slow:
        await slow.until(bool)
        change(board)
        change(board)
        await slow.until_revision(board.revision)
        promises.kept(slow.messages)


async def test_bookmarkable_from_the_last_message(board):
    async with watching(board) as first:
        await first.until(bool)
    seen = board.seen(first.messages[-1].resume_token)
    async with watching(board, Times(SOON, AGES), Asked(TEN, seen)) as again:
        await again.until(lambda messages: len(messages) >= 2)  # signs of life alone
        assert promises.boards(again.messages) == []
        change(board)
        await again.until_revision(3)
        promises.bookmarkable(first.messages, again.messages)
        promises.kept(again.messages)


async def test_bookmarkable_from_a_heartbeat(board):
    async with watching(board, Times(SOON, AGES)) as stream:
        await stream.until(lambda messages: len(messages) >= 3)
    assert board.seen(stream.messages[-1].resume_token) == board.revision


@pytest.mark.parametrize("revision", [1, 2, 9], ids=["behind", "at the revision", "ahead"])
@pytest.mark.parametrize(
    ("database", "chain"),
    [
        pytest.param("e" * 32, "ours", id="another database"),
        pytest.param("d" * 32, "theirs", id="this database before it was set back"),
    ],
)
async def test_a_token_from_elsewhere_starts_over(board, database, chain, revision):
    elsewhere = Board("main", {}, database, Waves())
    elsewhere.restore(Ranking([("eve", 1, revision)]), newest(revision, chain))
    async with watching(elsewhere) as before:
        await before.until(bool)
    seen = board.seen(before.messages[-1].resume_token)
    async with watching(board, asked=Asked(TEN, seen)) as after:
        await after.until(bool)
        promises.started_over(before.messages, after.messages)
        promises.convergent(after.messages, leaderboard(board))


async def test_alive_while_nothing_changes(board):
    async with watching(board, Times(SOON, AGES), Asked(TEN, own_user_id="ada")) as stream:
        await stream.until(lambda messages: len(messages) >= 4)
        promises.alive(stream.messages)
        promises.kept(stream.messages)
        assert len(promises.boards(stream.messages)) == 1


@given(st.data())
def test_alive_in_time_with_the_settings_as_they_come(data):
    settings = ScoreSettings()
    times = Times(settings.heartbeat_seconds, settings.watch_stalled_seconds)
    quiet = [times.next_heartbeat() for _ in range(50)]
    promises.alive_in_time(settings, quiet)
    assert len(set(quiet)) > 1  # a thousand streams do not beat as one


@pytest.mark.parametrize(
    ("interval", "times", "sent"),
    [
        pytest.param(0.0, PATIENT, 1, id="while it waits for a change"),
        pytest.param(AGES, PATIENT, 1, id="while the next state is held back"),
        pytest.param(0.0, Times(SOON, AGES), 3, id="while it beats"),
    ],
)
async def test_ended_well(interval, times, sent):
    board, places = make_board(interval), make_places()
    async with watching(board, times, places=places) as stream:
        await stream.until(lambda messages: len(messages) >= sent)
        change(board)
        change(board)
        places.end()
        with pytest.raises(Draining) as ended:
            await stream.task
        assert ended.value.retry_after


async def test_a_watch_that_comes_during_the_drain_ends_at_once(board):
    places = make_places()
    places.end()
    async with watching(board, places=places) as stream:
        with pytest.raises(Draining):
            await stream.task


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
    async with watching(board, asked=Asked(Top(limit), own_user_id=user_id)) as stream:
        await stream.until(bool)
        (message,) = stream.messages
        own = message.standing
        assert message.HasField("standing") == (standing is not None)
        assert (own.rank, own.user_id, own.score) == (standing or (0, "", 0))
        assert len(message.leaderboard.standings) == min(limit, 2)


async def test_the_own_standing_appears_with_the_first_award_and_then_tells_changes(board):
    async with watching(board, asked=Asked(TEN, own_user_id="eve")) as stream:
        await stream.until(bool)
        change(board, "eve")
        await stream.until_revision(3)
        change(board, "eve", 4)
        await stream.until_revision(4)
        assert [message.HasField("standing") for message in stream.messages] == [False, True, True]
        last = stream.messages[-1].standing
        assert (last.rank, last.rank_change, last.score, last.score_change) == (2, 1, 5, 4)
        promises.tells_changes(stream.messages)


async def test_the_own_standing_is_of_the_revision_that_it_comes_with(board):
    board = make_board(AGES)
    async with aclosing(make_watch(board, Asked(TEN, own_user_id="bob")).messages()) as reading:
        await anext(reading)
        change(board)
        change(board, "bob", 9)  # not shown yet
        message = WatchLeaderboardResponse.FromString(await anext(reading))
    assert (message.update.revision, message.standing.rank, message.standing.score) == (3, 2, 3)


@pytest.mark.parametrize("window", [TEN, Around("ada", 1), Among(frozenset(["ada"]))], ids=repr)
async def test_what_is_made_again_over_a_wrong_board_is_an_update_or_the_end(board, window):
    async with watching(board, asked=Asked(window)) as ends, watching(board, asked=Asked(window)) as goes_on:
        await goes_on.until(bool)
        await ends.until(bool)
        board.rebuild(Ranking([("ada", 9, 1)]), newest(2))
        with pytest.raises(BoardRebuilt):
            await ends.task
    async with watching(board, asked=Asked(window)) as goes_on:
        await goes_on.until(bool)
        board.rebuild(Ranking([("ada", 7, 1), ("eve", 1, 3)]), newest(3))
        await goes_on.until_revision(3)
        promises.kept(goes_on.messages)
        read = WatchLeaderboardResponse.FromString(board.read(window)).leaderboard
        promises.convergent(goes_on.messages, read)


async def test_a_message_that_is_not_read_in_time_is_told_of(board):
    stalled = asyncio.Event()
    watch = Watch(board, Asked(TEN), Times(AGES, SOON), make_places(), stalled.set)
    async with aclosing(watch.messages()) as reading:
        await anext(reading)  # and nothing more is asked for, as by a write that does not come back
        await stalled.wait()


async def test_a_view_is_there_as_long_as_it_is_watched(board):
    before = VIEWS._value.get()
    async with watching(board) as one, watching(board) as two, watching(board, asked=Asked(Top(3))) as three:
        for each in (one, two, three):
            await each.until(bool)
        assert VIEWS._value.get() == before + 2
    assert VIEWS._value.get() == before
    assert board._views == {}
