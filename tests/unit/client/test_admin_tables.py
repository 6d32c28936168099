"""What an operator reads on a terminal of any width: ids whole, nothing cut, and no text of others obeyed."""

import io

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.table import Table

from scorewire.score.v1.decisions_pb2 import USER_STATE_BLOCKED, Restriction
from scorewire.score.v1.history_pb2 import AuditEvent, GetUserHistoryResponse, LedgerEntry
from scorewire_client.cli.admin_tables import events_table, history_table

NOON = Timestamp(seconds=1_790_000_000)
GUEST = "guest-0a8046b575ca1d83"
TICKET = "XYw98CO-5Sqx6rbMe92saMLkNls2NskL1byMxGGSW80"
VOID = "void~_XYw98CO-5Sqx6rbMe92saMLkNls2NskL1byMxGGSW8"
ADDRESS = "2001:db8:85a3:8d3:1319:8a2e:370:7348"
WHY = "suspicion 312: " + "; ".join(["6 tickets that had counted came again within 10 s"] * 5)
LONGEST = "u" * 64


def entry(**fields: object) -> LedgerEntry:
    return LedgerEntry(time=NOON, board_ids=["main"], **fields)


HISTORY = GetUserHistoryResponse(
    restriction=Restriction(user_id=GUEST, state=USER_STATE_BLOCKED),
    entries=[
        LedgerEntry(time=NOON, position=1_234_571, award_id="release~x", kind="release", actor="ops", quarantined=True),
        LedgerEntry(time=NOON, position=1_234_570, award_id="block~x", kind="block", actor="detector", reason=WHY),
        entry(position=1_234_569, award_id=VOID, kind="void", action_type="quiz.answer", points=-10, score=1_013),
        entry(position=12, award_id=TICKET, kind="ticket", action_type="a" * 40, points=10, score=23, quarantined=True),
    ],
)
EVENTS = [
    AuditEvent(
        time=NOON, event="velocity_population", user_id=GUEST, actor="detector", address=ADDRESS, weight=25, why=WHY
    ),
    AuditEvent(time=NOON, event="USER_BLOCKED", user_id=LONGEST, award_id=TICKET, why="[bold]x[/bold] \x1b[2J"),
]


def printed(table: Table, width: int) -> list[str]:
    written = io.StringIO()
    console = Console(file=written, width=width)
    console.print(table)
    return [line.rstrip() for line in written.getvalue().splitlines()]


def whole(lines: list[str]) -> str:
    """What the lines say, with those that go on in the next one joined."""
    return " ".join(line.strip() for line in lines)


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_history_is_readable(width: int):
    lines = printed(history_table(HISTORY), width)
    assert lines[0] == f"{GUEST}: blocked"
    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    for award_id in (VOID, TICKET):
        assert [line.split() for line in lines if award_id in line] == [["id", award_id]]
    assert f"by detector: {WHY}" in whole(lines)
    assert "void quiz.answer  -10, score 1013" in whole(lines)
    assert "score 23 while in quarantine" in " ".join(whole(lines).split())
    assert [line.split()[-1] for line in lines if "1234571" in line] == ["release"]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_audit_is_readable(width: int):
    lines = printed(events_table(EVENTS), width)
    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    assert "2026-09-21 14:13:20  velocity_population  guest-0a8046b575ca1d83" in whole(lines)
    assert any(ADDRESS in line for line in lines)
    assert [line.split() for line in lines if TICKET in line] == [["award", TICKET]]
    assert f"by detector: {WHY} (+25)" in whole(lines)
    assert LONGEST in whole(lines).replace(" ", "")
    assert "[bold]x[/bold] \\x1b[2J" in whole(lines)
