"""Commands that read a board: its top, the standings around somebody, and one standing."""

from typing import TYPE_CHECKING, Annotated

import typer

from scorewire_client.cli import saved
from scorewire_client.cli.connecting import connected
from scorewire_client.cli.harmless import harmless
from scorewire_client.cli.options import DEFAULT, Address, AsJson, Board, Ca, Limit, Radius
from scorewire_client.cli.output import fail, to_json

if TYPE_CHECKING:
    from scorewire_client import results

User = Annotated[str | None, typer.Argument(help="Whose; your own if not given.")]


def top(
    board: Board = None, limit: Limit = None, address: Address = DEFAULT, ca: Ca = None, as_json: AsJson = False
) -> None:
    """Show the best of a board."""
    with connected(address, ca) as scorewire:
        best = scorewire.top(board, limit=limit)
    _show(best, saved.load("session", address).get("userId"), as_json)


def around(
    user_id: User = None,
    board: Board = None,
    radius: Radius = None,
    address: Address = DEFAULT,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Show the standings around a user."""
    wanted = somebody(user_id or "me", saved.load("session", address).get("userId"))
    with connected(address, ca) as scorewire:
        window = scorewire.around(wanted, board, radius=radius)
    _show(window, wanted, as_json)


def standing(
    user_id: User = None,
    board: Board = None,
    address: Address = DEFAULT,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Show one user's score and rank."""
    wanted = somebody(user_id or "me", saved.load("session", address).get("userId"))
    with connected(address, ca) as scorewire:
        found = scorewire.standing(wanted, board)
    name = harmless(found.display_name or found.user_id)
    typer.echo(to_json(found) if as_json else f"{name}: score {found.score}, rank {found.rank}.")


def somebody(user_id: str, own_id: str | None) -> str:
    """The user that was meant; `me` is whoever is signed in."""
    if user_id.lower() != "me":
        return user_id
    if not own_id:
        fail("whose standing? Give a user id, or sign in first: scorewire sign-in YOUR_NAME")
    return own_id


def _show(board: "results.Board", marked: str | None, as_json: bool) -> None:
    if as_json:
        typer.echo(to_json(board))
        return
    from rich.console import Console

    from scorewire_client.cli.tables import BoardTable

    Console().print(BoardTable(board, marked))
