"""Whole boards out of updates: what they make, what has moved, and what does not fit."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorewire.score.v1.score_pb2 import (
    Heartbeat,
    Leaderboard,
    LeaderboardUpdate,
    Standing,
    WatchLeaderboardResponse,
)
from scorewire_client import results
from scorewire_client.boards import Boards, Misfit


def standing(rank: int, user_id: str, score: int) -> Standing:
    return Standing(rank=rank, user_id=user_id, score=score)


def whole(revision: int, *standings: Standing, own: Standing | None = None) -> WatchLeaderboardResponse:
    board = Leaderboard(board_id="main", revision=revision, total_users=len(standings), standings=standings)
    board.update_time.FromSeconds(revision)
    return WatchLeaderboardResponse(leaderboard=board, standing=own, resume_token=f"r{revision}")


def update(
    before: int, revision: int, *standings: Standing, left: Sequence[str] = (), total_users: int = 3, **more
) -> WatchLeaderboardResponse:
    changed = LeaderboardUpdate(
        board_id=more.pop("board_id", "main"),
        revision=revision,
        previous_revision=before,
        total_users=total_users,
        standings=standings,
        left_user_ids=left,
    )
    changed.update_time.FromSeconds(revision)
    return WatchLeaderboardResponse(update=changed, resume_token=f"r{revision}", **more)


FIRST = whole(1, standing(1, "ada", 30), standing(2, "bob", 20), standing(3, "cem", 10))


def test_an_update_makes_a_whole_board():
    boards = Boards()
    boards.take(FIRST)
    board = boards.take(update(1, 4, standing(1, "bob", 35), standing(2, "ada", 30), total_users=5))
    assert board == results.Board(
        "main",
        4,
        5,
        (
            results.Standing(1, "bob", None, 35, 1, 15),
            results.Standing(2, "ada", None, 30, -1, 0),
            results.Standing(3, "cem", None, 10, 0, 0),
        ),
        None,
        "r4",
        datetime(1970, 1, 1, 0, 0, 4, tzinfo=UTC),
    )


def test_who_comes_has_no_movement_and_who_left_is_gone():
    boards = Boards()
    boards.take(FIRST)
    board = boards.take(update(1, 2, standing(3, "dan", 15), left=["cem"]))
    assert [(each.user_id, each.rank_change) for each in board.standings] == [("ada", 0), ("bob", 0), ("dan", None)]


def test_movement_is_since_the_board_before_though_whole_boards_come():
    boards = Boards()
    assert [each.rank_change for each in boards.take(FIRST).standings] == [None] * 3
    board = boards.take(whole(9, standing(1, "cem", 90), standing(2, "ada", 30)))
    assert [(each.rank_change, each.score_change) for each in board.standings] == [(2, 80), (-1, 0)]


def test_the_own_standing_moves_too():
    boards = Boards()
    assert boards.take(whole(1, standing(1, "ada", 9), own=standing(40, "eve", 1))).own.rank_change is None
    own = boards.take(update(1, 2, standing=standing(30, "eve", 4))).own
    assert (own.rank, own.rank_change, own.score_change) == (30, 10, 3)
    assert boards.take(update(2, 3)).own is None


def test_what_was_seen_is_no_news():
    boards = Boards()
    boards.take(FIRST)
    assert boards.take(WatchLeaderboardResponse(heartbeat=Heartbeat(), resume_token="r1")) is None
    assert boards.take(FIRST) is None
    assert boards.take(whole(1, standing(1, "ada", 30))).revision == 1  # the same revision, rebuilt


@pytest.mark.parametrize(
    "misfit",
    [
        pytest.param(update(2, 3, standing(1, "ada", 40)), id="one was missed"),
        pytest.param(update(0, 1), id="one that was seen"),
        pytest.param(update(1, 2, board_id="weekly"), id="another board"),
        pytest.param(update(1, 2, standing(1, "bob", 40)), id="two of one rank"),
        pytest.param(update(1, 2, left=["zoe"]), id="somebody left who was not there"),
    ],
)
def test_what_does_not_fit_is_not_taken(misfit):
    boards = Boards()
    boards.take(FIRST)
    with pytest.raises(Misfit):
        boards.take(misfit)
    assert boards.take(update(1, 2, standing(1, "ada", 31))).standings[0].score_change == 1


def test_an_update_upon_nothing_does_not_fit():
    with pytest.raises(Misfit):
        Boards().take(update(1, 2))


Ranking = list[tuple[str, int]]
rankings = st.lists(st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 50)), unique_by=lambda each: each[0])


def ranked(ranking: Ranking) -> dict[str, Standing]:
    ordered = sorted(ranking, key=lambda each: -each[1])
    return {user: standing(rank, user, score) for rank, (user, score) in enumerate(ordered, 1)}


@given(st.lists(rankings, min_size=1, max_size=6))
def test_updates_and_whole_boards_come_to_the_same(states: list[Ranking]):
    by_updates, by_boards, before = Boards(), Boards(), None
    for revision, state in enumerate(map(ranked, states), 1):
        message = whole(revision, *state.values())
        news = message
        if before is not None:
            changed = [each for user, each in state.items() if before.get(user) != each]
            left = [user for user in before if user not in state]
            news = update(revision - 1, revision, *changed, left=left, total_users=len(state))
        assert by_updates.take(news) == by_boards.take(message)
        before = state
