"""`award()`: the one function in which both ways to a score end."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from cachetools import TTLCache

from scorewire_server.errors import Refusal, UserBlocked
from scorewire_server.score.committer import Committer
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.records import AuditEvent, Award, NewAward, Outcome, Recorded

FORGOTTEN_SECONDS = 60.0
"""How long a blocked user has to be quiet at an address for its next try to be told as a first one."""
_MOST = 10_000


class Receipt(NamedTuple):
    """What became of an award: the ledger's row, the rank it led to, and whether it is new.

    The rank is 0 where the user is not shown. `void` is the row that has taken it back since, where there is one.
    """

    award: Award
    rank: int
    fresh: bool
    void: Award | None = None


class Awards:
    """Awards, from a decision about points to a receipt."""

    def __init__(
        self,
        committer: Committer,
        scoreboard: Scoreboard,
        note: Callable[[AuditEvent], None],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`note` takes what the audit should have."""
        self._committer = committer
        self._scoreboard = scoreboard
        self._note = note
        self._tries: TTLCache[tuple[str, str | None], int] = TTLCache(_MOST, FORGOTTEN_SECONDS, timer=timer)

    async def award(self, new: Sequence[NewAward]) -> list[Receipt | Refusal]:
        """Gives awards, all in one transaction; one that the ledger has already is answered from there.

        Each has its own outcome: what refuses one alone is Cooldown, CapReached, TooSoonAfterSignIn, UserBlocked.
        Raises Overloaded where nothing was awarded, StorageUnavailable where that is not known.
        """
        return self._receipts(new, await self._committer.commit(new))

    def room(self, count: int) -> AbstractContextManager[None]:
        """Keeps room for so many awards of one caller while they are made ready. Raises Overloaded."""
        return self._committer.room(count)

    async def award_admitted(self, new: Sequence[NewAward]) -> list[Receipt | Refusal]:
        """Gives awards that there was room for, as `award` does. Raises StorageUnavailable."""
        return self._receipts(new, await self._committer.commit_admitted(new))

    def _receipts(self, new: Sequence[NewAward], outcomes: Sequence[Outcome]) -> list[Receipt | Refusal]:
        return [self._receipt(*each) for each in zip(new, outcomes, strict=True)]

    def _receipt(self, new: NewAward, outcome: Outcome) -> Receipt | Refusal:
        if isinstance(outcome, Recorded):
            return Receipt(outcome.award, self._rank(outcome.award), outcome.fresh, outcome.void)
        if isinstance(outcome, UserBlocked):
            self._tried(new, outcome)
        assert isinstance(outcome, Refusal)  # noqa: S101 - an award is no decision
        return outcome

    def _tried(self, new: NewAward, blocked: UserBlocked) -> None:
        address = new.provenance.address if new.provenance else None
        tries = self._tries[new.user_id, address] = self._tries.get((new.user_id, address), 0) + 1
        if tries & (tries - 1):
            return  # at the first try and at each doubling, or a blocked user would fill the audit
        often = f", {tries} tries in a row" if tries > 1 else ""
        why = f"tried to earn {new.points} points by {new.action_type}{often}"
        self._note(AuditEvent(blocked.reason, why, new.user_id, new.actor, address, award_id=new.award_id))

    def _rank(self, award: Award) -> int:
        return self._scoreboard.rank(award.boards.partition(",")[0], award.user_id)
