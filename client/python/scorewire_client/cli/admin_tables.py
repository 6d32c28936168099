"""The audit and a user's history for a terminal: a few lines each, because ids are long and must be whole."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from scorewire_client.cli.harmless import harmless

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from scorewire.score.v1.decisions_pb2 import UserState
    from scorewire.score.v1.history_pb2 import AuditEvent, GetUserHistoryResponse, LedgerEntry


def events_table(events: Iterable["AuditEvent"]) -> Table:
    """Events of the audit, the newest first: when, what, about whom and from where; below it by whom, and why."""
    table = _table("when (UTC)", "what, about whom, and from where")
    for event in events:
        table.add_row(_shown(event.time), _lines(_of_event(event)))
    return table


def history_table(history: "GetUserHistoryResponse") -> Table:
    """A user's rows of the ledger, the newest first: when and what; below it the award's id, by whom, and why."""
    there = history.restriction
    table = _table("position", "when (UTC) and what")
    table.columns[0].justify = "right"
    table.title = Text(f"{harmless(there.user_id)}: {state_name(there.state)}")
    for entry in history.entries:
        table.add_row(str(entry.position), _lines(_of_entry(entry)))
    return table


def state_name(state: "UserState") -> str:
    """A state in one word."""
    from scorewire.score.v1.decisions_pb2 import UserState

    return UserState.Name(state).removeprefix("USER_STATE_").lower()


def _of_event(event: "AuditEvent") -> Iterator[str]:
    address = f"from {event.address}" if event.address else ""
    yield "  ".join(filter(None, (event.event, event.user_id, address)))
    if event.award_id and "~" not in event.award_id:  # that of a decision says nothing
        yield f"award {event.award_id}"
    yield _why(event.actor, f"{event.why} (+{event.weight:g})" if event.HasField("weight") else event.why)


def _of_entry(entry: "LedgerEntry") -> Iterator[str]:
    what = " ".join(filter(None, (entry.kind, entry.action_type)))
    points = f"{entry.points:+}, score {entry.score}" if entry.board_ids else ""
    # A decision ends or begins a quarantine; only points can be earned in one.
    hidden = "while in quarantine" if entry.quarantined and entry.board_ids else ""
    yield "  ".join(filter(None, (_shown(entry.time), what, points, hidden)))
    if entry.board_ids:
        yield f"id {entry.award_id}"
    if entry.actor or entry.reason:
        yield _why(entry.actor, entry.reason)


def _why(actor: str, reason: str) -> str:
    return ": ".join(filter(None, (f"by {actor}" if actor else "", reason)))


def _table(first: str, second: str) -> Table:
    table = Table(box=None, pad_edge=False, title_justify="left", padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    table.add_column(second, overflow="fold")
    return table


def _lines(lines: Iterable[str]) -> Group:
    """What others chose is shown as Text, which cannot carry markup, and is folded rather than cut."""
    return Group(*(Text(harmless(line), overflow="fold") for line in lines))


def _shown(time: "Timestamp") -> str:
    return time.ToDatetime().isoformat(sep=" ", timespec="seconds")
