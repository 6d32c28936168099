"""Boards as tables for a terminal."""

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from scorewire_client.results import Board, Standing


def board_table(board: Board, own_id: str | None = None, before: Mapping[str, int] | None = None) -> Table:
    """A board, with the row of `own_id` marked; where `before` has the former ranks by user, with the movement."""
    table = Table(
        title=f"{board.board_id}: {board.total_users} {'user' if board.total_users == 1 else 'users'}",
        caption=f"revision {board.revision}",
    )
    # Where all is too wide for the terminal, the name alone gives way.
    table.add_column("rank", justify="right", no_wrap=True)
    table.add_column("", width=3)
    table.add_column("name", min_width=16)
    table.add_column("score", justify="right", no_wrap=True)
    beyond = board.own if board.own and board.own.rank > len(board.standings) else None
    for standing in (*board.standings, *([beyond] if beyond else [])):
        moved = movement(standing, before) if before is not None else ""
        style = "bold reverse" if standing.user_id == own_id else ""
        # A name is text that somebody chose: as Text it cannot carry markup.
        name = Text(_name(standing), no_wrap=True, overflow="ellipsis")
        table.add_row(str(standing.rank), moved, name, str(standing.score), style=style)
    if not board.standings:
        table.add_row("", "", "nobody yet: scorewire act", "")
    return table


def movement(standing: Standing, before: Mapping[str, int]) -> str:
    """How a user moved: `▲2` up, `▼1` down, `new`, or nothing."""
    former = before.get(standing.user_id)
    if former is None:
        return "new"
    moved = former - standing.rank
    return f"{'▲' if moved > 0 else '▼'}{abs(moved)}" if moved else ""


def _name(standing: Standing) -> str:
    return standing.display_name or standing.user_id
