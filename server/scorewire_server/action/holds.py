"""Until when ScoreService takes no award of a user: what refuses one action, would refuse the next."""

from collections import OrderedDict
from datetime import datetime
from typing import Any

from scorewire_server.clock import Clock
from scorewire_server.errors import CapReached, Cooldown, Refusal, TooSoonAfterSignIn
from scorewire_server.storage.journal.records import Entry

PASSING = (Cooldown, CapReached, TooSoonAfterSignIn)
"""What refuses an award for good, and others of the user for a time."""
MOST = 100_000
"""Holds that are remembered; the oldest go first."""


class Holds:
    """The holds of this server, by user and action type.

    They spare actions that would earn nothing. ScoreService has the last word, so it does no harm to forget them.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._holds: OrderedDict[tuple[str, str], tuple[float, Refusal]] = OrderedDict()

    def learn(self, entry: Entry, refusal: Refusal) -> None:
        """Takes in why ScoreService has refused the award of an action."""
        if isinstance(refusal, PASSING) and "notBefore" in refusal.metadata:
            end = datetime.fromisoformat(refusal.metadata["notBefore"]).timestamp()
            self._holds[entry.user_id, entry.action_type] = end, refusal
            while len(self._holds) > MOST:
                self._holds.popitem(last=False)

    def find(self, entry: Entry) -> Refusal | None:
        """Why an action would earn nothing now; such an action is not done, and may be asked for again later."""
        end, refusal = self._holds.get((entry.user_id, entry.action_type), (0.0, None))
        left = end - self._clock()
        if refusal is None or left <= 0:
            self._holds.pop((entry.user_id, entry.action_type), None)
            return None
        metadata: dict[str, Any] = dict(refusal.metadata)
        return type(refusal)(refusal.message, retry_after=left, **metadata)
