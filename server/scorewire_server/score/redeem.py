"""The ticket's way to a score: what the client carries is proven, worth points by the rules, and counts once."""

from typing import Any

import orjson

from scorewire_server.clock import Clock
from scorewire_server.detection.guard import Guard
from scorewire_server.detection.witness import Witness
from scorewire_server.errors import ActionDataInvalid, Refusal, TicketAlreadyRedeemed
from scorewire_server.rpc.call import current
from scorewire_server.score.awards import Awards, Receipt
from scorewire_server.score.mistaken import TellingApart
from scorewire_server.score.presented import Presented
from scorewire_server.score.rules import Rules
from scorewire_server.storage.records import Award, Limited, NewAward, Provenance
from scorewire_server.tokens.tickets import VerifiedTicket, check_data


class Redeemer:
    """Turns tickets into awards."""

    def __init__(
        self, verifier: TellingApart, rules: Rules, awards: Awards, clock: Clock, guard: Guard | Witness
    ) -> None:
        """`guard` is told of tickets that are refused."""
        self._verifier = verifier
        self._presented = Presented(verifier.tolerance, clock)
        self._guard = guard
        self._rules = rules
        self._awards = awards
        self._clock = clock

    async def redeem(self, ticket: str, data: str, address: str | None = None) -> Receipt:
        """Gives the award that a ticket and its action data prove; `address` is its client's, where that is known.

        Raises a `Ticket…` refusal, RateLimited, ActionDataInvalid, ScoringRuleMissing, PointsOutOfBounds, UserBlocked,
        Overloaded, StorageUnavailable; and Cooldown, CapReached, TooSoonAfterSignIn, which leave the ticket to be
        redeemed later.
        """
        verified = await self._verified(ticket, data, address)
        self._presented.count(current(), verified)
        (receipt,) = await self._awards.award([self._award(verified, data, address)])
        if isinstance(receipt, Refusal):
            raise receipt
        if not receipt.fresh:
            raise _already_redeemed(receipt.award, receipt.void)
        return receipt

    async def _verified(self, ticket: str, data: str, address: str | None) -> VerifiedTicket:
        verified = None
        try:
            verified = await self._verifier.proven(ticket)
            check_data(verified, data)
        except Refusal as refusal:
            self._guard.refused(refusal, address, verified)
            if verified:
                current().waste(verified.user_id)
            raise
        return verified

    def _award(self, verified: VerifiedTicket, data: str, address: str | None) -> NewAward:
        action_type, result = _parse(data)
        now = int(self._clock() * 1000)
        limits = self._rules.limits_of(action_type)
        return NewAward(
            award_id=verified.award_id,
            user_id=verified.user_id,
            action_type=action_type,
            points=self._rules.points(action_type, result),
            boards=self._rules.boards_of(action_type),
            kind="ticket",
            awarded_at=now,
            display_name=verified.display_name,
            limited=Limited(limits, now, verified.signed_in_at) if limits else None,
            provenance=Provenance(address, verified.address_mark),
        )


def _already_redeemed(award: Award, void: Award | None) -> TicketAlreadyRedeemed:
    if void:
        return TicketAlreadyRedeemed(
            "this ticket has counted, and its award was voided since: it earns nothing",
            scoreIncrease=0,
            score=void.score,
            revision=void.position,
            voided="true",
        )
    return TicketAlreadyRedeemed(
        "this ticket has counted; the metadata has what it earned",
        scoreIncrease=award.points,
        score=award.score,
        revision=award.position,
    )


def _parse(data: str) -> tuple[str, Any]:
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError as broken:
        raise ActionDataInvalid(f"the action data is not JSON: {broken}", field="") from broken
    action_type = parsed.get("actionType") if isinstance(parsed, dict) else None
    if not isinstance(action_type, str):
        raise ActionDataInvalid("the action data has no actionType", field="actionType")
    return action_type, parsed.get("result")
