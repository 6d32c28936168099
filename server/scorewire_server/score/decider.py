"""Decides about users: quarantine, release, block, unblock, each a row of the ledger."""

import secrets
from typing import NamedTuple

from scorewire_server.clock import Clock
from scorewire_server.errors import Refusal
from scorewire_server.score.committer import Committer
from scorewire_server.storage.decisions import STATES
from scorewire_server.storage.records import Decision, NewAward, Outcome, Provenance, Recorded, Restriction


class Decided(NamedTuple):
    """How a user stands after a decision, and whether the decision has changed it."""

    restriction: Restriction
    changed: bool


class Decider:
    """Turns decisions into rows of the ledger, in the order of the awards around them."""

    def __init__(self, committer: Committer, clock: Clock) -> None:
        self._committer = committer
        self._clock = clock

    async def decide(  # noqa: PLR0913 - what is decided, and then by name what not everybody has to say
        self,
        decision: Decision,
        user_id: str,
        reason: str,
        actor: str,
        as_of: int | None = None,
        *,
        address: str | None = None,
    ) -> Decided:
        """Answers when the decision is durable; `address` is that of whoever decides.

        Nothing is recorded where the user is in that state already, or, with `as_of`, where the ledger has a decision
        about the user after that position.
        Raises UserBlocked, Overloaded, StorageUnavailable.
        """
        new = NewAward(
            # No caller can ask for such an id: a tilde is in no award_id of theirs.
            award_id=f"{decision}~{secrets.token_urlsafe(24)}",
            user_id=user_id,
            action_type="",
            points=0,
            boards=(),
            kind=decision,
            awarded_at=int(self._clock() * 1000),
            reason=reason,
            actor=actor,
            provenance=Provenance(address),
            as_of=as_of,
        )
        (outcome,) = await self._committer.commit([new])
        return _decided(decision, outcome)


def _decided(decision: Decision, outcome: Outcome) -> Decided:
    if isinstance(outcome, Refusal):
        raise outcome
    if isinstance(outcome, Recorded):
        award = outcome.award
        return Decided(Restriction(award.user_id, STATES[decision], award.position, award.reason or ""), changed=True)
    return Decided(outcome, changed=False)
