"""Boards as tables: whatever somebody is called, everybody sees ranks and scores, and no terminal obeys a name."""

import io

import pytest
from rich.console import Console

from scorewire_client.cli.answers import of_board
from scorewire_client.cli.harmless import harmless
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
