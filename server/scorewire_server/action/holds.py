"""Until when ScoreService takes no award of a user: what refuses one action, would refuse the next."""

from collections import OrderedDict
from datetime import datetime
from typing import Any, NamedTuple

from scorewire_server.clock import Clock
from scorewire_server.errors import CapReached, Cooldown, Refusal, TooSoonAfterSignIn
from scorewire_server.storage.journal.records import Entry

PASSING = (Cooldown, CapReached, TooSoonAfterSignIn)
"""What refuses an award for good, and others of the user for a time."""
MOST = 100_000
"""Holds that are remembered; the oldest go first."""
BELIEVED_SECONDS = 300.0
"""An operator who voids an award makes room before the time that was told; nobody tells this server of it."""


class Hold(NamedTuple):
    """A refusal, the time that it names, and until when it is believed; in seconds since 1970."""

    refusal: Refusal
    not_before: float
    believed_until: float


class Holds:
    """The holds of this server, by user and action type.

    They spare actions that would earn nothing. ScoreService has the last word, so it does no harm to forget them.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._holds: OrderedDict[tuple[str, str], Hold] = OrderedDict()

    def learn(self, entry: Entry, refusal: Refusal) -> None:
        """Takes in why ScoreService has refused the award of an action."""
        if isinstance(refusal, PASSING) and "notBefore" in refusal.metadata:
            not_before = datetime.fromisoformat(refusal.metadata["notBefore"]).timestamp()
            believed_until = min(not_before, self._clock() + BELIEVED_SECONDS)
            self._holds[entry.user_id, entry.action_type] = Hold(refusal, not_before, believed_until)
            while len(self._holds) > MOST:
                self._holds.popitem(last=False)

    def find(self, entry: Entry) -> Refusal | None:
        """Why an action would earn nothing now; such an action is not done, and may be asked for again later."""
        hold = self._holds.get((entry.user_id, entry.action_type))
        if hold is None:
            return None
        now = self._clock()
        if now >= hold.believed_until:
            del self._holds[entry.user_id, entry.action_type]
            return None
        metadata: dict[str, Any] = dict(hold.refusal.metadata)
        return type(hold.refusal)(hold.refusal.message, retry_after=hold.not_before - now, **metadata)
