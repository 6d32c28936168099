"""Commands that read a board: the top, and one standing."""

from typing import Annotated

import typer

from scorewire_client.cli import saved
from scorewire_client.cli.connecting import connected
from scorewire_client.cli.options import DEFAULT, Address, AsJson, Board, Ca, Limit
from scorewire_client.cli.output import fail, to_json


def top(
    board: Board = None, limit: Limit = None, address: Address = DEFAULT, ca: Ca = None, as_json: AsJson = False
) -> None:
    """Show the best of a board."""
    with connected(address, ca) as scorewire:
        best = scorewire.top(board, limit=limit)
    if as_json:
        typer.echo(to_json(best))
        return
    from rich.console import Console

    from scorewire_client.cli.tables import board_table

    Console().print(board_table(best, own_id=saved.load("session", address).get("userId")))


def standing(
    user_id: Annotated[str | None, typer.Argument(help="Whose; your own if not given.")] = None,
    board: Board = None,
    address: Address = DEFAULT,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Show one user's score and rank."""
    wanted = user_id or saved.load("session", address).get("userId")
    if not wanted:
        fail("whose standing? Give a user id, or sign in first: scorewire sign-in YOUR_NAME")
    with connected(address, ca) as scorewire:
        found = scorewire.standing(wanted, board)
    name = found.display_name or found.user_id
    typer.echo(to_json(found) if as_json else f"{name}: score {found.score}, rank {found.rank}.")
