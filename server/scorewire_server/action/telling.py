"""What a user is told of an action: its outcome with a ticket or a score, or why it is refused."""

from typing import NamedTuple

import orjson

from scorewire_server.action.holds import PASSING
from scorewire_server.errors import (
    ActionInterrupted,
    ActionRefused,
    PointsOutOfBounds,
    Refusal,
    ScoringRuleMissing,
    UserBlocked,
)
from scorewire_server.rpc.upstream import UpstreamFault
from scorewire_server.storage.journal.records import Entry
from scorewire_server.tokens.origin import UNKNOWN, Origin
from scorewire_server.tokens.tickets import TicketIssuer

# What the user, of an action by ticket, would learn from ScoreService itself. Any other refusal is a matter between the
# two servers.
_PASSED_ON = {refusal.reason: refusal for refusal in (PointsOutOfBounds, ScoringRuleMissing, UserBlocked, *PASSING)}


class Proof(NamedTuple):
    """What the client gets for an award: a ticket to redeem, the score it led to, or the promise of one."""

    token: str | None = None
    score: int | None = None
    score_pending: bool | None = None


class Teller:
    """Tells users of their actions."""

    def __init__(self, issuer: TicketIssuer) -> None:
        self._issuer = issuer

    def proof(self, entry: Entry, origin: Origin = UNKNOWN) -> Proof:
        """The proof of an action that was done, with a fresh ticket where it goes by ticket, for whoever asks now.

        Raises ActionRefused, ActionInterrupted; PointsOutOfBounds, ScoringRuleMissing, Cooldown, CapReached,
        TooSoonAfterSignIn, UserBlocked, and UpstreamFault where ScoreService has refused the award for good.
        """
        if entry.ending != "done":
            raise _refusal(entry)
        if entry.points == 0:
            return Proof()
        if entry.delivery == "ticket":
            return Proof(token=self._issuer.issue(entry.user_id, entry.display_name, entry.data, origin))
        if entry.rejection is not None:
            raise _rejection(entry.rejection)
        return Proof(score=entry.score) if entry.score is not None else Proof(score_pending=True)


def _refusal(entry: Entry) -> Refusal:
    if entry.ending == "refused":
        told = orjson.loads(entry.data)
        return ActionRefused(told["message"], refusal=told["reason"])
    return ActionInterrupted(
        "this action was begun and did not come to its end; it earned nothing, and is not run again under this "
        "request_id: see what it has done, then do it with a new one"
    )


def _rejection(rejection: str) -> Exception:
    told = orjson.loads(rejection)
    refusal = _PASSED_ON.get(told["reason"])
    if refusal is None:
        return UpstreamFault(f"the score server refused an award for good: {told['reason']}: {told['message']}")
    refused = refusal(told["message"], **told["metadata"])
    refused.retry_after = None  # this action earns nothing any more, however long one waits
    return refused
