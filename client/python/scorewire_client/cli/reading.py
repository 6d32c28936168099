"""Commands that read a board: its top, the standings around somebody, and one standing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorewire_client.cli import saved
from scorewire_client.cli.connecting import connected
from scorewire_client.cli.harmless import harmless
from scorewire_client.cli.options import DEFAULT, Address, AsJson, Board, Ca, Limit, Radius
from scorewire_client.cli.output import fail, message_json, show

if TYPE_CHECKING:
    from scorewire_client import Scorewire, results

User = Annotated[str | None, typer.Argument(help="Whose; your own if not given.")]

EARN_POINTS = "Earn points first: scorewire act"
SEE_WHO = "See who has: scorewire top"
"""What to type where a user has no standing: oneself, and another one."""


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
    with _asking_about(user_id, board, address, ca) as (scorewire, wanted):
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
    with _asking_about(user_id, board, address, ca) as (scorewire, wanted):
        found = scorewire.standing(wanted, board)
    if as_json:
        from scorewire_client.cli.answers import of_standing

        typer.echo(message_json(of_standing(found)))
        return
    name = harmless(found.display_name or found.user_id)
    typer.echo(f"{name}: score {found.score}, rank {found.rank}.")


def somebody(user_id: str, own_id: str | None) -> str:
    """The user that was meant; `me` is whoever is signed in."""
    if user_id.lower() != "me":
        return user_id
    if not own_id:
        fail("whose standing? Give a user id, or sign in first: scorewire sign-in YOUR_NAME")
    return own_id


@contextmanager
def _asking_about(
    user_id: str | None, board: str | None, address: str, ca: Path | None
) -> Iterator[tuple["Scorewire", str]]:
    """A client, and whose standing is meant; without one there, what to do next depends on who that is."""
    own_id = saved.load("session", address).get("userId")
    wanted = somebody(user_id or "me", own_id)
    see_who = f"{SEE_WHO} --board {board}" if board else SEE_WHO
    advice = {"STANDING_NOT_FOUND": EARN_POINTS if wanted == own_id else see_who}
    with connected(address, ca, advice=advice) as scorewire:
        yield scorewire, wanted


def _show(board: "results.Board", marked: str | None, as_json: bool) -> None:
    if as_json:
        from scorewire_client.cli.answers import of_board

        typer.echo(message_json(of_board(board)))
        return
    from scorewire_client.cli.tables import BoardTable

    show(BoardTable(board, marked))
