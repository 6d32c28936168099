"""The command that watches a board live."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from scorewire_client.cli import saved
from scorewire_client.cli.connecting import connected
from scorewire_client.cli.options import DEFAULT, Address, AsJson, Board, Ca, Limit, Radius
from scorewire_client.cli.output import is_terminal, message_json
from scorewire_client.cli.reading import somebody

if TYPE_CHECKING:
    from scorewire_client import Scorewire, Watched, WatchState

Around = Annotated[str | None, typer.Option(help="The standings around this user instead of the top; `me` is you.")]
Users = Annotated[list[str] | None, typer.Option("--user", help="This user's standing instead; give it once for each.")]

TABLE_SECONDS = 0.5
"""Between two tables: an arrow shall be seen before the next one."""


def watch(
    board: Board = None,
    limit: Limit = None,
    around: Around = None,
    radius: Radius = None,
    user: Users = None,
    address: Address = DEFAULT,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Watch a board live: its top, or the standings around somebody, or those of some users.

    A table in a terminal, else one line of JSON for each change; see docs/clients.md. Ctrl-C ends it.
    """
    own_id = saved.load("session", address).get("userId")
    watched: Watched = {
        "limit": limit,
        "around_user_id": around and somebody(around, own_id),
        "radius": radius,
        "user_ids": [somebody(each, own_id) for each in user or ()],
        "user_id": own_id,
    }
    with _ending_well(), connected(address, ca) as scorewire:
        if as_json or not is_terminal():
            _print(scorewire, address, board, watched)
        else:
            _show(scorewire, address, board, watched)


def _print(scorewire: "Scorewire", address: str, board_id: str | None, watched: "Watched") -> None:
    from scorewire_client.cli.answers import of_board

    watched["on_state"] = telling(address)
    for board in scorewire.watch(board_id, **watched):
        typer.echo(message_json(of_board(board)))


def telling(address: str) -> Callable[["WatchState"], None]:
    """Says once on standard error that a watch has become stale, and once that it is live again."""
    from scorewire_client.cli.live import said_of

    is_stale = False

    def tell(state: "WatchState") -> None:
        nonlocal is_stale
        # A stream that is cut and begun again at once is nothing to read about, and neither is each try in vain.
        if state.name == ("live" if is_stale else "stale"):
            is_stale = not is_stale
            typer.echo(f"scorewire: {said_of(state, address)}", err=True)

    return tell


def _show(scorewire: "Scorewire", address: str, board_id: str | None, watched: "Watched") -> None:
    from rich.live import Live

    from scorewire_client.cli.live import Picture

    # Whoever is ended from outside gives the terminal its cursor back, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    picture = Picture(address, watched.get("user_id"))
    watched["min_interval"] = TABLE_SECONDS
    with Live(picture, auto_refresh=False) as live:

        def tell(state: "WatchState") -> None:
            picture.state = state
            live.refresh()

        watched["on_state"] = tell
        for picture.board in scorewire.watch(board_id, **watched):
            live.refresh()


@contextmanager
def _ending_well() -> Iterator[None]:
    """Ctrl-C is the way to end it, and so is a reader of the output who has gone."""
    try:
        yield
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        # Python would write what is left at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
