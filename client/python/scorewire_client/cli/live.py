"""What a watch looks like in a terminal: a line on how it stands, and the newest board."""

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from scorewire_client import Board, WatchState
from scorewire_client.cli.harmless import harmless
from scorewire_client.cli.tables import BoardTable

_STYLES = {"connecting": "dim", "live": "bold green", "reconnecting": "yellow", "stale": "bold red"}


class Picture:
    """The picture of a watch; draw it again whenever `state` or `board` is set."""

    def __init__(self, own_id: str | None) -> None:
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
        return said_of(self.state)


def said_of(state: WatchState) -> str:
    """How a watch stands, in words."""
    if state.name in ("connecting", "live") or state.since is None:
        return state.name
    problem = f" ({harmless(str(state.error))})" if state.error else ""
    since = f"{state.since.astimezone():%H:%M:%S}"
    if state.name == "stale":
        return f"stale since {since}, still trying{problem}"
    return f"reconnecting, last heard at {since}{problem}"
