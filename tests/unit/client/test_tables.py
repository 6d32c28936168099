"""Boards as tables: whatever somebody is called, everybody sees ranks and scores, and no terminal obeys a name."""

import io

import pytest
from rich.console import Console

from scorewire_client.cli.answers import of_board
from scorewire_client.cli.harmless import harmless
from scorewire_client.cli.namesakes import marks
from scorewire_client.cli.output import message_json
from scorewire_client.cli.tables import BoardTable
from scorewire_client.results import Board, Standing

FACES = "\N{GRINNING FACE}" * 32


def board(*standings: Standing, own: Standing | None = None) -> Board:
    return Board("main", 1, len(standings), standings, own, "")


def printed(table: BoardTable, width: int = 80, *, color: bool = False) -> list[str]:
    written = io.StringIO()
    console = Console(file=written, width=width, force_terminal=color)
    console.print(table)
    return written.getvalue().splitlines()


def row_of(name: str, lines: list[str]) -> str:
    (row,) = [line for line in lines if name in line]
    return row


@pytest.mark.parametrize("width", [24, 40, 80, 200])
@pytest.mark.parametrize("moved", [None, 11], ids=["at first", "moved"])
def test_a_wide_name_gives_way_to_rank_and_score(width: int, moved: int | None):
    wide = Standing(12_345, "ada", FACES, 67_890, moved, moved)
    row = row_of("\N{GRINNING FACE}", printed(BoardTable(board(wide)), width))
    assert ("12345" in row, "67890" in row, "▲11" in row) == (True, True, moved is not None)


def test_what_has_moved_is_shown():
    lines = printed(
        BoardTable(
            board(
                Standing(1, "up", None, 30, 2, 25),
                Standing(2, "down", None, 20, -1, -5),
                Standing(3, "same", None, 10, 0, 0),
                Standing(4, "came", None, 5),
            )
        )
    )
    assert row_of("up", lines).split() == ["1", "▲2", "up", "30", "+25"]
    assert row_of("down", lines).split() == ["2", "▼1", "down", "20", "-5"]
    assert row_of("same", lines).split() == ["3", "same", "10"]
    assert row_of("came", lines).split() == ["4", "new", "came", "5"]


def test_a_board_that_nothing_came_before_shows_no_movement():
    assert "new" not in "".join(printed(BoardTable(board(Standing(1, "ada", None, 1)))))


def test_a_low_window_keeps_ones_own_row_and_says_what_it_hides():
    standings = [Standing(rank, f"user{rank}", None, 100 - rank) for rank in range(1, 51)]
    lines = printed(BoardTable(board(*standings), own_id="user40", lines=16))
    assert len(lines) == 16
    assert "40" in row_of("user40", lines)
    assert "user9 " in "".join(lines)
    assert "revision 1, 40 more" in lines[-1]


def test_a_long_title_stays_on_its_line():
    ada = Standing(1, "ada", None, 1)
    lines = printed(BoardTable(Board("a-board-of-a-long-name" * 2, 1, 1, (ada,), None, "")), 30)
    assert len(lines) == 4


@pytest.mark.parametrize("moved", [None, 0], ids=["at first", "later"])
def test_a_narrow_window_has_room_for_the_footer(moved: int | None):
    standings = [Standing(rank, f"u{rank}", None, 9 - rank, moved, moved) for rank in range(1, 9)]
    lines = printed(BoardTable(Board("main", 1_234_567, 8, tuple(standings), None, ""), lines=9), 30)
    assert lines[-1].strip() == "revision 1234567, 5 more"
    assert len(lines) == 6


def test_ones_own_row_beyond_the_window_is_added():
    own = Standing(40, "eve", None, 1)
    lines = printed(BoardTable(board(Standing(1, "ada", None, 9), own=own), own_id="eve"), color=True)
    assert "\x1b[1;7m" in row_of("eve", lines)
    assert "\x1b[1;7m" not in row_of("ada", lines)


def test_an_empty_board_says_what_to_do():
    assert "nobody yet: scorewire act" in "".join(printed(BoardTable(board())))


def test_an_empty_window_of_a_board_that_others_are_on_says_so():
    assert "nobody in sight yet" in "".join(printed(BoardTable(Board("main", 4, 4, (), None, ""))))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("\x1b[2J\x1b[31mred", "\\x1b[2J\\x1b[31mred", id="escapes"),
        pytest.param("bell\x07\r\nback\x08", "bell\\x07\\r\\nback\\x08", id="control characters"),
        pytest.param("\x9b31mred", "\\x9b31mred", id="an escape of one character"),
        pytest.param("abc\u202edef", "abc\\u202edef", id="a change of direction"),
        pytest.param("[bold]not[/bold]", "[bold]not[/bold]", id="markup"),
        pytest.param("Zoë 名前 \N{GRINNING FACE}", "Zoë 名前 \N{GRINNING FACE}", id="letters of the world"),
    ],
)
def test_a_name_is_nothing_but_text(name: str, shown: str):
    assert harmless(name) == shown
    bad = board(Standing(1, "ada", name, 1))
    lines = printed(BoardTable(bad, own_id="ada"), 200)
    assert shown in "\n".join(lines)
    assert "".join(lines).isprintable()
    assert message_json(of_board(bad)).isprintable()


def namesakes(name: str) -> tuple[Standing, ...]:
    users = [("guest-0a8046b575ca1d83", name), ("guest-c8641718b72a4be4", name), ("bob", "Bob")]
    return tuple(
        Standing(12_345 + number, user_id, called, 67_890, 11, 11) for number, (user_id, called) in enumerate(users)
    )


@pytest.mark.parametrize("width", [24, 40, 80, 200])
@pytest.mark.parametrize("name", ["Ada", FACES], ids=["short", "wide"])
def test_namesakes_are_told_apart_by_the_end_of_their_ids_and_nobody_else(width: int, name: str):
    lines = printed(BoardTable(board(*namesakes(name)), own_id="guest-c8641718b72a4be4"), width)
    for rank, mark in ((12_345, "…1d83"), (12_346, "…4be4")):
        row = row_of(str(rank), lines)
        assert (f" {mark} " in row, "67890" in row, "▲11" in row) == (True, True, True)
        assert (f"id {mark}" in row) == (width >= 80)
    assert max(map(len, lines)) <= width
    assert "id" not in row_of("12347", lines)
    assert "…" not in row_of("12347", lines)


def test_a_namesake_whose_row_has_no_room_is_one_all_the_same():
    ada, _, bob = namesakes("Ada")
    others = [Standing(rank, f"u{rank}", None, 1) for rank in range(2, 9)]
    lines = printed(BoardTable(board(ada, bob, *others, Standing(9, "u9-4be4", "Ada", 1)), lines=8))
    assert "Ada id …1d83" in row_of("Ada", lines)


@pytest.mark.parametrize(
    ("user_ids", "expected"),
    [
        pytest.param(("guest-0a83", "guest-1b94"), ("…0a83", "…1b94"), id="the end of the id"),
        pytest.param(("guest-10a83", "guest-20a83"), ("…10a83", "…20a83"), id="as much as tells them apart"),
        pytest.param(("ada", "eve-1"), ("ada", "eve-1"), id="short ids are whole"),
        pytest.param(("a" * 8, "a" * 9), ("a" * 8, "a" * 9), id="one is the end of the other"),
    ],
)
def test_marks_are_as_long_as_they_must_be(user_ids: tuple[str, str], expected: tuple[str, str]):
    standings = [Standing(rank, user_id, "Ada", 1) for rank, user_id in enumerate(user_ids, start=1)]
    assert marks(standings) == dict(zip(user_ids, expected, strict=True))


def test_an_id_that_is_another_ones_name_is_marked():
    assert marks([Standing(1, "ada", None, 2), Standing(2, "guest-4be4", "ada", 1)]) == {
        "ada": "ada",
        "guest-4be4": "…4be4",
    }
