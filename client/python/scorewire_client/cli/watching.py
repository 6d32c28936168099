"""The command that watches a board live."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from scorewire_client.cli import saved
from scorewire_client.cli.connecting import connected
from scorewire_client.cli.options import DEFAULT, Address, AsJson, Board, Ca, Limit
from scorewire_client.cli.output import is_terminal, to_json

if TYPE_CHECKING:
    from scorewire_client import results


def watch(
    board: Board = None, limit: Limit = None, address: Address = DEFAULT, ca: Ca = None, as_json: AsJson = False
) -> None:
    """Watch a board live.

    A table in a terminal, else one line of JSON for each change. Ctrl-C ends it.
    """
    own_id = saved.load("session", address).get("userId")
    with suppress(KeyboardInterrupt), connected(address, ca) as scorewire:
        boards = scorewire.watch(board, limit=limit, user_id=own_id)
        if as_json or not is_terminal():
            for news in boards:
                typer.echo(to_json(news))
        else:
            _show(boards, own_id)


def _show(boards: Iterable["results.Board"], own_id: str | None) -> None:
    from rich.live import Live

    from scorewire_client.cli.tables import board_table

    before: Mapping[str, int] | None = None
    with Live(auto_refresh=False) as live:
        for board in boards:
            live.update(board_table(board, own_id, before), refresh=True)
            before = {standing.user_id: standing.rank for standing in board.standings}
