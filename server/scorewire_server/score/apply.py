"""The internal way to a score: a service that is trusted by its certificate names the points, within the rules."""

import secrets
from collections.abc import Sequence

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_server.clock import Clock
from scorewire_server.errors import AwardIdReused, Refusal
from scorewire_server.rpc.field_rules import broken_rules
from scorewire_server.score.awards import Awards, Receipt
from scorewire_server.score.rules import DIRECT, Rules
from scorewire_server.storage.records import Limited, Limits, NewAward, Provenance
from scorewire_server.turns import Turns


class Applier:
    """Turns the requests of services into awards."""

    def __init__(self, rules: Rules, awards: Awards, clock: Clock, turns: Turns) -> None:
        self._rules = rules
        self._awards = awards
        self._clock = clock
        self._turns = turns

    async def apply(self, request: ApplyScoreRequest, actor: str | None) -> Receipt:
        """Gives one award; `actor` is the identity of the service that asks for it.

        Raises ScoringRuleMissing, PointsOutOfBounds, Cooldown, CapReached, TooSoonAfterSignIn, UserBlocked,
        AwardIdReused, Overloaded, StorageUnavailable.
        """
        asked = self._award(request, actor)
        (receipt,) = await self._awards.award([asked])
        outcome = _outcome(asked, receipt)
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    async def apply_all(self, requests: Sequence[ApplyScoreRequest], actor: str | None) -> list[Receipt | Refusal]:
        """Gives awards in one transaction; each has its own outcome, and keeps or breaks field rules by itself.

        Raises Overloaded, before any of them is looked at, and StorageUnavailable for all.
        """
        with self._awards.room(len(requests)):
            asked = await self._turns.each(lambda request: self._award_or_refusal(request, actor), requests)
        new = [award for award in asked if isinstance(award, NewAward)]
        receipts = iter(await self._awards.award_admitted(new) if new else [])
        return [a if isinstance(a, Refusal) else _outcome(a, next(receipts)) for a in asked]

    def _award_or_refusal(self, request: ApplyScoreRequest, actor: str | None) -> NewAward | Refusal:
        try:
            return broken_rules(request) or self._award(request, actor)
        except Refusal as refusal:
            return refusal

    def _award(self, request: ApplyScoreRequest, actor: str | None) -> NewAward:
        action_type = request.action_type if request.HasField("action_type") else None
        self._rules.check_named(action_type, request.points)
        now = int(self._clock() * 1000)
        return NewAward(
            award_id=request.award_id or secrets.token_urlsafe(24),
            user_id=request.user_id,
            action_type=action_type or DIRECT,
            points=request.points,
            boards=self._rules.boards_of(action_type),
            kind="internal",
            awarded_at=now,
            display_name=request.display_name or None,
            limited=_limited(self._rules.limits_of(action_type), request, now),
            provenance=_provenance(request, now) if request.client_address else None,
            actor=actor,
        )


def _limited(limits: Limits | None, request: ApplyScoreRequest, now: int) -> Limited | None:
    if limits is None:
        return None
    # What a service has done counts from when it did it, however late it can say so; but nothing is done tomorrow.
    acted_at = _acted_at(request, now)
    signed_in_at = request.sign_in_time.ToMilliseconds() if request.HasField("sign_in_time") else None
    return Limited(limits, acted_at, signed_in_at)


def _provenance(request: ApplyScoreRequest, now: int) -> Provenance:
    return Provenance(request.client_address, acted_at=_acted_at(request, now))


def _acted_at(request: ApplyScoreRequest, now: int) -> int:
    return min(request.action_time.ToMilliseconds(), now) if request.HasField("action_time") else now


def _outcome(asked: NewAward, receipt: Receipt | Refusal) -> Receipt | Refusal:
    if isinstance(receipt, Refusal) or receipt.fresh or receipt.award.same_content(asked):
        return receipt
    return AwardIdReused(
        f"award_id {asked.award_id} stands for an award with other content; use a new id", awardId=asked.award_id
    )
