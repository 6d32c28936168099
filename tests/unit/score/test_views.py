"""Whatever happens on a board, each window shows what it should, and updates put upon each other come to the same."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorewire.score.v1.score_pb2 import GetLeaderboardResponse, Leaderboard, WatchLeaderboardResponse
from scorewire_server.errors import StandingNotFound
from scorewire_server.score.board import Board
from scorewire_server.score.forms import PROTOBUF
from scorewire_server.score.states import State
from scorewire_server.score.views import Frame
from scorewire_server.score.waves import Waves
from scorewire_server.score.windows import Among, Around, Top, Window
from tests import promises
from tests.replay import still
from tests.unit.score.watching import change, make_board, newest

USERS = [f"user-{number}" for number in range(12)]
WINDOWS: list[Window] = [
    Top(1),
    Top(3),
    Top(100),
    Around("user-0", 1),
    Around("user-5", 3),
    Among(frozenset(USERS[:3])),
    Among(frozenset([*USERS, "nobody"])),
]
CHANGES = st.tuples(
    st.sampled_from(["award", "award", "name", "hide", "show"]), st.sampled_from(USERS), st.integers(-3, 3)
)
BURSTS = st.lists(st.lists(CHANGES, max_size=4), max_size=12)


class Reader:
    """A watch that reads now and then, so that it sees some of the states."""

    def __init__(self, window: Window, *, whole: bool) -> None:
        self.window, self.whole = window, whole
        self.messages: list[WatchLeaderboardResponse] = []
        self._seen: State | None = None

    def read(self, frame: Frame) -> None:
        """Takes what the frame sends to one who has seen what this one has."""
        if self._seen is None or frame.state.revision > self._seen.revision:
            encoded = frame.after(self._seen, PROTOBUF, whole=self.whole)
            self.messages.append(WatchLeaderboardResponse.FromString(encoded))
            self._seen = frame.state


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WINDOWS), BURSTS, st.integers(1, 4))
def test_updates_come_to_what_a_read_shows(window, bursts, every):
    names: dict[str, str] = {}
    board = Board("main", names, "d" * 32, Waves())
    whole, updates, slow = Reader(window, whole=True), Reader(window, whole=False), Reader(window, whole=False)
    for number, burst in enumerate([[], *bursts]):
        for kind, user_id, points in burst:
            happen(board, names, kind, user_id, points)
        frame = board.newest(window)
        for reader in (whole, updates, *([slow] if number % every == 0 else [])):
            reader.read(frame)
        for reader in (whole, updates):
            promises.convergent(reader.messages, read(board, window))
        assert still(read(board, window)).standings == expected(board, window)
    for reader in (whole, updates, slow):
        promises.kept(reader.messages)
        promises.begins_whole(reader.messages, whole_boards=reader.whole)
        promises.tells_changes(reader.messages)


def happen(board: Board, names: dict[str, str], kind: str, user_id: str, points: int) -> None:
    """One change, and the revision that it makes."""
    if kind == "award":
        change(board, user_id, points)
        return
    if kind == "name":
        names[user_id] = f"{user_id} {board.revision}"
    elif kind == "hide":
        board.ranking.hide(user_id)
    else:
        board.ranking.show(user_id)
    board.publish(newest(board.revision + 1))


def read(board: Board, window: Window) -> Leaderboard:
    return GetLeaderboardResponse.FromString(board.newest(window).whole()).leaderboard


def expected(board: Board, window: Window) -> Sequence[object]:
    """The standings of a window, the plain way: out of all of them."""
    everybody = read(board, Top(1000)).standings
    if isinstance(window, Top):
        return everybody[: window.limit]
    if isinstance(window, Among):
        return [standing for standing in everybody if standing.user_id in window.user_ids]
    at = [number for number, standing in enumerate(everybody) if standing.user_id == window.around_user_id]
    return [standing for number, standing in enumerate(everybody) if at and abs(number - at[0]) <= window.radius]


def test_an_update_is_sent_where_it_is_smaller():
    board = make_board()
    for number in range(20):
        change(board, f"user-{number}", 1000 - number)
    seen = board.newest(Top(10)).state
    change(board, "user-0")
    one_moved = WatchLeaderboardResponse.FromString(board.newest(Top(10)).after(seen, PROTOBUF, whole=False))
    assert [standing.user_id for standing in one_moved.update.standings] == ["user-0"]
    for number in range(20):
        change(board, f"user-{number}", 5000)
    all_moved = WatchLeaderboardResponse.FromString(board.newest(Top(10)).after(seen, PROTOBUF, whole=False))
    assert all_moved.HasField("leaderboard")


def test_the_window_around_nobody_is_empty_and_cannot_be_read():
    board = make_board()
    assert board.newest(Around("eve", 4)).state.rows == ()
    with pytest.raises(StandingNotFound):
        board.read(Around("eve", 4))
    board.ranking.hide("ada")
    board.publish(newest(3))
    with pytest.raises(StandingNotFound):
        board.read(Around("ada", 4))


def test_the_order_of_user_ids_makes_no_other_window():
    board = make_board()
    assert board.newest(Among(frozenset(["ada", "bob"]))) is board.newest(Among(frozenset(["bob", "ada"])))


def test_frames_that_are_kept_for_others_are_bounded():
    board = make_board()
    for number in range(1000):
        board.newest(Around(f"user-{number}", 4))
    assert len(board._frames) == 256
