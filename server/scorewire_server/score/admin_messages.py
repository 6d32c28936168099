"""From what the operator's calls lead to, to messages, and back."""

from google.protobuf.timestamp_pb2 import Timestamp

from scorewire.score.v1 import admin_pb2, decisions_pb2, history_pb2
from scorewire_server.audit.checks import Step
from scorewire_server.audit.rebuild import Rebuilt
from scorewire_server.score.awards import Receipt
from scorewire_server.storage.history import Wanted
from scorewire_server.storage.records import AuditEvent, Award, Restriction, State

_STATES: dict[State, decisions_pb2.UserState] = {
    "clear": decisions_pb2.USER_STATE_CLEAR,
    "quarantined": decisions_pb2.USER_STATE_QUARANTINED,
    "blocked": decisions_pb2.USER_STATE_BLOCKED,
}


def rebuilding(event: Step | Rebuilt) -> admin_pb2.RebuildStandingsResponse:
    """How far a rebuild has come, or what it did."""
    if isinstance(event, Step):
        progress = admin_pb2.RebuildProgress(rows=event.rows, done=event.done, total=event.total)
        return admin_pb2.RebuildStandingsResponse(progress=progress)
    result = admin_pb2.RebuildResult(
        position=event.position,
        standings_mended=event.standings_mended,
        boards_mended=event.boards_mended,
        restrictions_mended=event.restrictions_mended,
    )
    return admin_pb2.RebuildStandingsResponse(result=result)


def restriction(there: Restriction) -> decisions_pb2.Restriction:
    """How a user stands."""
    state = _STATES[there.state]
    return decisions_pb2.Restriction(user_id=there.user_id, state=state, position=there.position, reason=there.reason)


def correction(receipt: Receipt) -> decisions_pb2.Correction:
    """A void or an adjustment."""
    award = receipt.award
    return decisions_pb2.Correction(
        user_id=award.user_id,
        award_id=award.award_id,
        points=award.points,
        score=award.score,
        rank=receipt.rank,
        revision=award.position,
    )


def adjusted(receipt: Receipt) -> decisions_pb2.AdjustScoreResponse:
    """An adjustment, by this call or an earlier one."""
    void = correction(receipt._replace(award=receipt.void)) if receipt.void else None
    return decisions_pb2.AdjustScoreResponse(correction=correction(receipt), changed=receipt.fresh, voided_by=void)


def wanted(request: history_pb2.ListAuditEventsRequest) -> Wanted:
    """Which events are asked for."""
    start = request.start_time.ToMilliseconds() if request.HasField("start_time") else None
    end = request.end_time.ToMilliseconds() if request.HasField("end_time") else None
    return Wanted(
        request.user_id or None, request.event or None, request.actor or None, request.address or None, start, end
    )


def event(noted: AuditEvent) -> history_pb2.AuditEvent:
    """A line of the audit."""
    return history_pb2.AuditEvent(
        time=_time(noted.at),
        event=noted.event,
        why=noted.why,
        user_id=noted.user_id,
        actor=noted.actor,
        address=noted.address,
        weight=noted.weight,
        award_id=noted.award_id,
    )


def entry(award: Award) -> history_pb2.LedgerEntry:
    """A row of the ledger."""
    return history_pb2.LedgerEntry(
        position=award.position,
        award_id=award.award_id,
        kind=award.kind,
        action_type=award.action_type,
        points=award.points,
        board_ids=filter(None, award.boards.split(",")),
        score=award.score,
        time=_time(award.awarded_at),
        actor=award.actor,
        quarantined=bool(award.quarantined),
        reason=award.reason,
    )


def _time(milliseconds: int) -> Timestamp:
    time = Timestamp()
    time.FromMilliseconds(milliseconds)
    return time
