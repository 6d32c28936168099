"""The audit and a user's history as tables for a terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from scorewire.score.v1.decisions_pb2 import UserState
    from scorewire.score.v1.history_pb2 import AuditEvent, GetUserHistoryResponse


def events_table(events: Iterable["AuditEvent"]) -> Table:
    """Events of the audit, the newest first."""
    table = Table("when (UTC)", "event", "user", "actor", "address", "why")
    for event in events:
        why = f"{event.why} (+{event.weight:g})" if event.HasField("weight") else event.why
        # What others chose is shown as Text, which cannot carry markup.
        told = (event.event, event.user_id, event.actor, event.address, why)
        table.add_row(_shown(event.time), *map(Text, told))
    return table


def history_table(history: "GetUserHistoryResponse") -> Table:
    """A user's rows of the ledger, the newest first."""
    there = history.restriction
    table = Table(title=f"{there.user_id}: {state_name(there.state)}", title_justify="left")
    for name in ("position", "points", "score"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("what")
    table.add_column("id", overflow="fold")  # whole, because a void needs it
    table.add_column("actor")
    table.add_column("reason")
    for entry in history.entries:
        points = f"{entry.points:+}" if entry.board_ids else ""
        score = str(entry.score) if entry.board_ids else ""
        what = f"{entry.kind} {entry.action_type}".rstrip() + (" (in quarantine)" if entry.quarantined else "")
        award_id = entry.award_id if entry.board_ids else ""
        told = map(Text, (what, award_id, entry.actor, entry.reason))
        table.add_row(str(entry.position), points, score, _shown(entry.time), *told)
    return table


def state_name(state: "UserState") -> str:
    """A state in one word."""
    from scorewire.score.v1.decisions_pb2 import UserState

    return UserState.Name(state).removeprefix("USER_STATE_").lower()


def _shown(time: "Timestamp") -> str:
    return time.ToDatetime().isoformat(sep=" ", timespec="seconds")
