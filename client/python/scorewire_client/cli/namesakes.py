"""Telling users apart who have one and the same name."""

from collections import defaultdict
from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

from scorewire_client.results import Standing

SHORTEST = 4
"""Characters of an id at least, as on the page."""


def name_of(standing: Standing) -> str:
    """What a user is called: the id where there is no name."""
    return standing.display_name or standing.user_id


def marks(standings: Iterable[Standing]) -> dict[str, str]:
    """What to put beside a name that others of these users have too, by user id; nothing for all others.

    It is the end of the id, such as `…9f3a`, and as much of it as tells them apart.
    """
    ids_of: defaultdict[str, set[str]] = defaultdict(set)
    for standing in standings:
        ids_of[name_of(standing)].add(standing.user_id)
    return {user_id: mark for ids in ids_of.values() if len(ids) > 1 for user_id, mark in _told_apart(ids)}


def _told_apart(ids: set[str]) -> Iterable[tuple[str, str]]:
    length = SHORTEST
    while len({user_id[-length:] for user_id in ids}) < len(ids):
        length += 1
    return [(each, f"…{each[-length:]}" if len(each) > length + 1 else each) for each in ids]


class MarkedName:
    """A name on one line with the mark behind it, for which the name makes way."""

    def __init__(self, name: str, mark: str) -> None:
        self._name = name
        self._mark = mark

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, cell_len(f"{self._name} {self._mark}")).with_maximum(options.max_width)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        name = Text(self._name)
        name.truncate(max(options.max_width - cell_len(self._mark) - 1, 1), overflow="ellipsis")
        yield Text(f"{name.plain} {self._mark}", no_wrap=True, overflow="ellipsis")
