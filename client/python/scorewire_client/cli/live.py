"""What a watch looks like in a terminal: a line on how it stands, and the newest board."""

from grpc import StatusCode
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from scorewire_client import Board, ScorewireError, WatchState
from scorewire_client.cli.harmless import harmless
from scorewire_client.cli.tables import BoardTable
from scorewire_client.unanswered import cause
from scorewire_client.watching import Silence

_STYLES = {"connecting": "dim", "live": "bold green", "reconnecting": "yellow", "stale": "bold red"}


class Picture:
    """The picture of a watch; draw it again whenever `state` or `board` is set."""

    def __init__(self, address: str, own_id: str | None) -> None:
        self._address = address
        self.state = WatchState("connecting")
        self.board: Board | None = None
        self._own_id = own_id

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        said = Text(f"● {self._said()}", _STYLES[self.state.name], no_wrap=True, overflow="ellipsis")
        yield said
        if self.board:
            yield BoardTable(self.board, self._own_id, console.height - 2)

    def _said(self) -> str:
        updated = self.board.update_time if self.board else None
        if self.state.name == "live" and updated:
            return f"live, changed at {updated.astimezone():%H:%M:%S}"
        return said_of(self.state, self._address)


def said_of(state: WatchState, address: str) -> str:
    """How a watch of the gateway at `address` stands, in words."""
    if state.name in ("connecting", "live") or state.since is None or state.error is None:
        return state.name
    since, is_stale = f"{state.since.astimezone():%H:%M:%S}", state.name == "stale"
    begin = f"stale since {since}, still trying" if is_stale else f"reconnecting, last heard at {since}"
    return f"{begin}: {harmless(_why(state.error, address, is_stale))}"


def _why(error: ScorewireError, address: str, is_stale: bool) -> str:
    if error.reason:
        return str(error)
    if isinstance(error, Silence):
        return error.message
    if is_stale and error.code is StatusCode.UNAVAILABLE:
        return f"nothing answers at {address} ({cause(error.message)}); see whether it runs"
    return f"the connection to {address} broke"
