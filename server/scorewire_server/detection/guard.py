"""Stands beside the ledger: shows the detector what is written and refused, after everybody has been answered."""

import asyncio
from collections.abc import Mapping, Sequence

from scorewire_server.clock import Clock
from scorewire_server.detection.detector import Detector
from scorewire_server.detection.enforcing import Enforcer
from scorewire_server.detection.records import Seen
from scorewire_server.detection.signals import NOT_OURS
from scorewire_server.errors import (
    CapReached,
    Cooldown,
    Refusal,
    TicketDataMismatch,
    TooSoonAfterSignIn,
)
from scorewire_server.storage.records import NewAward, Outcome, Recorded
from scorewire_server.tokens.tickets import VerifiedTicket

_BY_RULE = (Cooldown, CapReached, TooSoonAfterSignIn)
_AWARDS = ("ticket", "internal")
_CLEARING = ("release", "unblock")


class Guard:
    """What the committer and the redeemer tell of what they see. `maxima` has the most points of variable awards."""

    def __init__(self, detector: Detector, enforcer: Enforcer, maxima: Mapping[str, int], clock: Clock) -> None:
        self._detector = detector
        self._enforcer = enforcer
        self._maxima = maxima
        self._clock = clock

    def written(self, asked: Sequence[NewAward], results: Sequence[Outcome]) -> None:
        """A transaction is durable, and its callers are being answered: looks at it when they have been."""
        asyncio.get_running_loop().call_soon(self._look, asked, results)

    def refused(self, refusal: Refusal, address: str | None, ticket: VerifiedTicket | None) -> None:
        """A ticket was refused before it came to an award; `ticket` is what it has proven until then."""
        now = int(self._clock() * 1000)
        if isinstance(refusal, TicketDataMismatch) and ticket:
            mark = ticket.address_mark
            self._detector.mismatched(Seen(ticket.user_id, ticket.award_id, "", now, now, address, mark))
        elif isinstance(refusal, NOT_OURS):
            self._detector.forged(address, refusal.reason, now)

    async def settle(self) -> None:
        """Returns when every verdict until now has been carried out."""
        await self._enforcer.settle()

    def _look(self, asked: Sequence[NewAward], results: Sequence[Outcome]) -> None:
        for new, result in zip(asked, results, strict=True):
            if isinstance(result, Recorded) and result.fresh:
                self._enforcer.position = result.award.position
            if new.kind in _AWARDS:
                if new.provenance and new.provenance.address:  # else it is a service's own: nobody's hand
                    self._look_at(new, result)
            elif new.kind in _CLEARING and isinstance(result, Recorded):
                self._detector.pardon(new.user_id)
                self._enforcer.forget(new.user_id)

    def _look_at(self, new: NewAward, result: Outcome) -> None:
        if isinstance(result, Recorded) and result.fresh:
            self._detector.awarded(self._seen(new))
        elif isinstance(result, Recorded):
            if new.kind == "ticket":
                self._detector.replayed(self._seen(new))
        elif isinstance(result, _BY_RULE):
            self._detector.limited(self._seen(new), result.reason)

    def _seen(self, new: NewAward) -> Seen:
        origin = new.provenance
        most = self._maxima.get(new.action_type)
        return Seen(
            new.user_id,
            new.award_id,
            new.action_type,
            (origin and origin.acted_at) or new.awarded_at,
            new.awarded_at,
            origin.address if origin else None,
            origin.mark if origin else None,
            None if most is None else new.points == most,
        )
