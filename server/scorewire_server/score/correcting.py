"""Corrections of scores by an operator: an award voided, a score adjusted, each by a row of the ledger."""

import asyncio
import secrets
from typing import NamedTuple

from scorewire_server.clock import Clock
from scorewire_server.errors import AwardAlreadyVoided, AwardIdReused, AwardUnknown, Refusal, UserUnknown
from scorewire_server.score.awards import Awards, Receipt
from scorewire_server.score.rules import Rules
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.history import History
from scorewire_server.storage.records import Award, NewAward, Provenance
from scorewire_server.storage.voids import void_id

_VOIDABLE = ("ticket", "internal", "adjustment")


class Why(NamedTuple):
    """Why something is decided, by whom, and from where."""

    reason: str
    actor: str
    address: str | None = None

    @property
    def provenance(self) -> Provenance:
        """Where it is decided, for the audit."""
        return Provenance(self.address)


class Adjustment(NamedTuple):
    """Points that an operator gives or takes; without a board and an action type, on the default board."""

    user_id: str
    points: int
    board_id: str | None = None
    action_type: str | None = None
    award_id: str | None = None


class Corrector:
    """Turns corrections into rows of the ledger."""

    def __init__(self, history: History, rules: Rules, scoreboard: Scoreboard, awards: Awards, clock: Clock) -> None:
        self._history = history
        self._rules = rules
        self._scoreboard = scoreboard
        self._awards = awards
        self._clock = clock

    async def void(self, award_id: str, why: Why) -> Receipt:
        """Takes the points of an award back.

        Raises AwardUnknown, AwardAlreadyVoided, Overloaded, StorageUnavailable.
        """
        award = await asyncio.to_thread(self._history.award, award_id)
        if award is None or award.kind not in _VOIDABLE:
            raise AwardUnknown(f"there is no award {award_id}; see the user's history for its id", awardId=award_id)
        receipt = await self._give(self._void(award, why))
        if not receipt.fresh:
            raise _already_voided(award_id, receipt.award)
        return receipt

    async def adjust(self, adjustment: Adjustment, why: Why) -> Receipt:
        """Gives or takes points.

        Raises UserUnknown, BoardUnknown, ScoringRuleMissing, AwardIdReused, Overloaded, StorageUnavailable.
        """
        new = self._adjustment(adjustment, why)
        if not await asyncio.to_thread(self._history.stands, new.user_id, self._scoreboard.board_ids()):
            raise UserUnknown(f"{new.user_id} has no award yet; see that the id is right", userId=new.user_id)
        receipt = await self._give(new)
        if not receipt.fresh and not (receipt.award.same_content(new) and _boards(receipt.award) == new.boards):
            problem = f"award_id {new.award_id} stands for an award with other content; use a new id"
            raise AwardIdReused(problem, awardId=new.award_id)
        return receipt

    async def _give(self, new: NewAward) -> Receipt:
        (receipt,) = await self._awards.award([new])
        if isinstance(receipt, Refusal):
            raise receipt
        return receipt

    def _void(self, award: Award, why: Why) -> NewAward:
        return NewAward(
            award_id=void_id(award.award_id),
            user_id=award.user_id,
            action_type=award.action_type,
            points=-award.points,
            boards=_boards(award),
            kind="void",
            awarded_at=int(self._clock() * 1000),
            reason=why.reason,
            actor=why.actor,
            provenance=why.provenance,
            voids=award.award_id,
        )

    def _adjustment(self, asked: Adjustment, why: Why) -> NewAward:
        return NewAward(
            award_id=asked.award_id or secrets.token_urlsafe(24),
            user_id=asked.user_id,
            action_type=asked.action_type or "",
            points=asked.points,
            boards=self._boards_of(asked),
            kind="adjustment",
            awarded_at=int(self._clock() * 1000),
            reason=why.reason,
            actor=why.actor,
            provenance=why.provenance,
        )

    def _boards_of(self, asked: Adjustment) -> tuple[str, ...]:
        if asked.action_type:
            return self._rules.boards_of(asked.action_type)
        return (self._scoreboard.board(asked.board_id).board_id,)


def _boards(award: Award) -> tuple[str, ...]:
    return tuple(award.boards.split(","))


def _already_voided(award_id: str, void: Award) -> AwardAlreadyVoided:
    return AwardAlreadyVoided(
        f"award {award_id} was voided before; there is nothing to do",
        revision=void.position,
        score=void.score,
        reason=void.reason,
    )
