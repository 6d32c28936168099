"""Boards as tables for a terminal, wide or narrow."""

from collections.abc import Iterator

from rich import box
from rich.console import Console, ConsoleOptions
from rich.table import Table
from rich.text import Text

from scorewire_client.cli.harmless import harmless
from scorewire_client.cli.namesakes import MarkedName, marks, name_of
from scorewire_client.results import Board, Standing

FULL_WIDTH = 60
"""In fewer columns, score changes are left out."""
AIRY_WIDTH = 36
"""In fewer, the room between the cells and the line below their titles are."""
FRAME_LINES = 6
"""Lines of a table that are no rows."""


class BoardTable:
    """A board, with the row of `own_id` marked. At most `lines` lines, where so many are given."""

    def __init__(self, board: Board, own_id: str | None = None, lines: int | None = None) -> None:
        self._board = board
        self._own_id = own_id
        self._room = None if lines is None else max(lines - FRAME_LINES, 1)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Table]:
        moves = any(standing.rank_change is not None for standing in self._board.standings)
        is_wide = options.max_width >= FULL_WIDTH
        shown = self._shown()
        marked = marks([*self._board.standings, *shown])
        table = _frame(moves=moves, width=options.max_width)
        table.title = _on_one_line(_title(self._board))
        table.caption = _on_one_line(_caption(self._board, shown))
        table.min_width = min(max(table.title.cell_len, table.caption.cell_len), options.max_width)
        for standing in shown:
            cells = _cells(standing, marked.get(standing.user_id), moves=moves, is_wide=is_wide)
            if standing.user_id == self._own_id:
                table.add_row(*map(_without_colour, cells), style="bold reverse")
            else:
                table.add_row(*cells)
        if not shown:
            table.add_row("", *([""] if moves else []), _empty(self._board))
        yield table

    def _shown(self) -> list[Standing]:
        """The standings that there is room for, and always one's own."""
        standings = list(self._board.standings)
        own = self._board.own or next((each for each in standings if each.user_id == self._own_id), None)
        if self._room is not None:
            standings = standings[: self._room]
        if own and own.user_id not in {standing.user_id for standing in standings}:
            standings = [*(standings[:-1] if len(standings) == self._room else standings), own]
        return standings


def _title(board: Board) -> str:
    return harmless(f"{board.board_id}: {board.total_users} {'user' if board.total_users == 1 else 'users'}")


def _caption(board: Board, shown: list[Standing]) -> str:
    hidden = len({standing.user_id for standing in board.standings} - {standing.user_id for standing in shown})
    return f"revision {board.revision}" + (f", {hidden} more" if hidden else "")


def _empty(board: Board) -> str:
    return "nobody in sight yet" if board.total_users else "nobody yet: scorewire act"


def _frame(*, moves: bool, width: int) -> Table:
    is_airy = width >= AIRY_WIDTH
    table = Table(box=box.SIMPLE_HEAD if is_airy else None, pad_edge=is_airy, collapse_padding=not is_airy)
    # Where all is too wide for the terminal, the name alone gives way.
    table.add_column("rank", justify="right", no_wrap=True)
    if moves:
        table.add_column("", min_width=4, no_wrap=True)
    table.add_column("name", min_width=16 if width >= FULL_WIDTH else 4)
    table.add_column("score", justify="right", no_wrap=True)
    if moves and width >= FULL_WIDTH:
        table.add_column("", min_width=6, no_wrap=True)
    return table


def _cells(standing: Standing, mark: str | None, *, moves: bool, is_wide: bool) -> list[Text | MarkedName]:
    # A name is text that somebody chose: as Text it cannot carry markup.
    name = harmless(name_of(standing))
    shown = MarkedName(name, harmless(f"id {mark}" if is_wide else mark)) if mark else _on_one_line(name)
    cells = [Text(str(standing.rank)), shown, Text(str(standing.score))]
    if moves:
        cells.insert(1, movement(standing))
    if moves and is_wide:
        cells.append(_gained(standing))
    return cells


def _without_colour(cell: Text | MarkedName) -> Text | MarkedName:
    return _on_one_line(cell.plain) if isinstance(cell, Text) else cell


def _on_one_line(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis")


def movement(standing: Standing) -> Text:
    """How a user moved since the board before: `▲2` up, `▼1` down, `new`, or nothing."""
    change = standing.rank_change
    if change is None:
        return Text("new", "cyan")
    return Text(f"▲{change}", "green") if change > 0 else Text(f"▼{-change}" if change else "", "red")


def _gained(standing: Standing) -> Text:
    change = standing.score_change
    return Text(f"{change:+}", "green" if change > 0 else "red") if change else Text("")
