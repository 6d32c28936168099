"""The boards follow the ledger: what they show is what a fresh start would show."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorewire_server.errors import BoardUnknown, StandingNotFound
from scorewire_server.score.board import Board
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.score.windows import Top
from tests.awards import decision, new_award
from tests.unit.score.conftest import BOARDS
from tests.unit.score.reading import leaderboard, shown


def give(ledger, scoreboard, *awards):
    appended = ledger.append(awards, scoreboard.names)
    scoreboard.apply(appended)
    return appended


def test_boards_show_what_was_awarded(ledger, scoreboard):
    give(ledger, scoreboard, new_award("ada", 5, boards=("main", "dice")), new_award("bob", 7, display_name="Bob"))
    assert shown(scoreboard.board("main")) == [(1, "bob", 7, "Bob"), (2, "ada", 5, "")]
    assert shown(scoreboard.board("dice")) == [(1, "ada", 5, "")]
    assert scoreboard.position == 2


def test_only_boards_that_changed_are_newer(ledger, scoreboard):
    give(ledger, scoreboard, new_award("ada", 5, boards=("dice",)))
    assert (scoreboard.board("dice").revision, scoreboard.board("main").revision) == (1, 0)


def test_an_award_that_does_not_count_changes_no_board(ledger, scoreboard):
    award = new_award("ada", 5)
    give(ledger, scoreboard, award)
    frame = scoreboard.board("main").newest(Top(10))
    give(ledger, scoreboard, award)
    assert scoreboard.board("main").newest(Top(10)) is frame


def test_a_new_name_is_shown_on_every_board_of_the_user(ledger, scoreboard):
    give(ledger, scoreboard, new_award("ada", 5, boards=("dice",), display_name="Ada"), new_award("bob", 1))
    assert shown(scoreboard.board("dice")) == [(1, "ada", 5, "Ada")]
    give(ledger, scoreboard, new_award("ada", 1, boards=("main",), display_name="Countess"))
    assert shown(scoreboard.board("dice")) == [(1, "ada", 5, "Countess")]
    assert scoreboard.board("dice").revision == 3


def test_awards_on_a_board_that_the_rules_no_longer_have_are_kept_unseen(ledger, scoreboard):
    award = new_award("ada", 5, boards=("gone", "main"))
    give(ledger, scoreboard, award)
    assert shown(scoreboard.board("main")) == [(1, "ada", 5, "")]
    assert scoreboard.rank("gone", "ada") == 0
    with pytest.raises(BoardUnknown) as refused:
        scoreboard.board("gone")
    assert refused.value.metadata["boards"] == "dice, main"


def test_no_name_means_the_default_board(scoreboard):
    assert scoreboard.board(None) is scoreboard.board("main")


def test_a_user_without_an_award_on_the_board_has_no_standing(ledger, scoreboard):
    give(ledger, scoreboard, new_award("ada", 5, boards=("dice",)))
    with pytest.raises(StandingNotFound) as refused:
        scoreboard.board("main").standing("ada")
    assert refused.value.metadata == {"userId": "ada", "boardId": "main"}
    assert (scoreboard.rank("main", "ada"), scoreboard.rank("dice", "ada")) == (0, 1)


def test_a_frame_is_encoded_once_for_everybody(ledger, scoreboard):
    give(ledger, scoreboard, *[new_award(f"user-{number}", number) for number in range(20)])
    board = scoreboard.board("main")
    assert board.newest(Top(5)) is board.newest(Top(5))
    assert len(leaderboard(board, 5).standings) == 5
    assert len(leaderboard(board, 100).standings) == leaderboard(board, 5).total_users == 20


AWARDS = st.builds(
    new_award,
    user_id=st.sampled_from(["ada", "bob", "eve", "joe"]),
    points=st.integers(-3, 3),
    award_id=st.integers(0, 30).map(str),
    boards=st.lists(st.sampled_from([*BOARDS, "gone"]), min_size=1, unique=True).map(tuple),
    display_name=st.sampled_from([None, "A", "B"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(AWARDS, min_size=1, max_size=8), min_size=1, max_size=5))
def test_a_fresh_start_shows_what_the_boards_have_come_to(ledger, scoreboard, batches):
    for batch in batches:
        give(ledger, scoreboard, *batch)
    fresh = Scoreboard(BOARDS, "main", ledger.database_id())
    fresh.load(ledger)
    assert fresh.names == scoreboard.names
    assert fresh.position == scoreboard.position
    for board_id in BOARDS:
        assert shown(fresh.board(board_id)) == shown(scoreboard.board(board_id))


def places(board: Board, size: int) -> list[str]:
    """Every user, page by page."""
    users: list[str] = []
    token = ""
    while True:
        page = board.page(token, size)
        users += [place.user_id for place in page]
        if len(page) < size:
            return users
        token = board.bookmarks.page(page[-1])


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_walk_everybody_once(ledger, scoreboard, size):
    give(ledger, scoreboard, *[new_award(f"user-{number}", number // 2) for number in range(7)])
    board = scoreboard.board("main")
    assert places(board, size) == [user for _, user, _, _ in shown(board)]


def test_pages_repeat_and_leave_out_nobody_who_has_not_moved(ledger, scoreboard):
    give(ledger, scoreboard, *[new_award(f"user-{number}", number) for number in range(6)])
    board = scoreboard.board("main")
    first = board.page("", 3)
    token = board.bookmarks.page(first[-1])
    give(ledger, scoreboard, new_award("user-0", 50), new_award("user-3", -9), new_award("new", 4))
    assert [place.user_id for place in first] == ["user-5", "user-4", "user-3"]
    assert [place.user_id for place in board.page(token, 9)] == ["user-2", "user-1", "user-3"]


@pytest.mark.parametrize(("hide", "show"), [("quarantine", "release"), ("block", "unblock")])
def test_who_is_hidden_comes_back_to_the_exact_place(ledger, scoreboard, hide, show):
    give(ledger, scoreboard, *[new_award(user, 5, display_name=user.title()) for user in ("ada", "bob", "eve")])
    board = scoreboard.board("main")
    before = shown(board)
    give(ledger, scoreboard, decision(hide, "bob"))
    assert shown(board) == [(1, "ada", 5, "Ada"), (2, "eve", 5, "Eve")]
    assert leaderboard(board).total_users == 2
    assert (board.revision, scoreboard.board("dice").revision) == (4, 0)
    assert scoreboard.rank("main", "bob") == 0
    with pytest.raises(StandingNotFound):
        board.standing("bob")
    give(ledger, scoreboard, decision(show, "bob"))
    assert shown(board) == before
    assert board.revision == 5


def test_what_a_user_earns_while_it_is_hidden_shows_when_it_is_back(ledger, scoreboard):
    give(ledger, scoreboard, new_award("ada", 5), new_award("bob", 5), decision("quarantine", "bob"))
    give(ledger, scoreboard, new_award("bob", 1), new_award("bob", 2, boards=("dice",), display_name="Bob"))
    assert (len(shown(scoreboard.board("main"))), shown(scoreboard.board("dice"))) == (1, [])
    give(ledger, scoreboard, decision("release", "bob"))
    assert shown(scoreboard.board("main")) == [(1, "bob", 6, "Bob"), (2, "ada", 5, "")]
    assert shown(scoreboard.board("dice")) == [(1, "bob", 2, "Bob")]


def test_a_user_is_hidden_before_its_first_award(ledger, scoreboard):
    give(ledger, scoreboard, decision("quarantine", "bob"), new_award("bob", 5))
    assert shown(scoreboard.board("main")) == []
    give(ledger, scoreboard, decision("release", "bob"))
    assert shown(scoreboard.board("main")) == [(1, "bob", 5, "")]


def test_who_is_hidden_stays_so_over_a_start(ledger, scoreboard):
    users = [new_award(user, 5) for user in ("ada", "bob", "eve")]
    give(ledger, scoreboard, *users, decision("quarantine", "bob"), decision("block", "eve"))
    fresh = Scoreboard(BOARDS, "main", ledger.database_id())
    fresh.load(ledger)
    for each in (scoreboard, fresh):
        assert shown(each.board("main")) == [(1, "ada", 5, "")]
    appended = ledger.append([decision("release", "bob"), decision("unblock", "eve")], {})
    for each in (scoreboard, fresh):
        each.apply(appended)
        assert [user for _, user, _, _ in shown(each.board("main"))] == ["ada", "bob", "eve"]
