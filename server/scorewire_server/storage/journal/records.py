"""What the journal takes and gives: plain values, no SQL."""

from enum import IntEnum
from typing import Literal, NamedTuple

Delivery = Literal["internal", "ticket"]
Ending = Literal["", "done", "refused", "interrupted"]


TOLD_MS = 3_600_000
"""How much later than `told_at` an action may lead to a ticket or a delivery without that being noted."""
SLACK_MS = 120_000
"""How long after that the award may come into the ledger, by a clock that may differ."""

FURTHEST_MS = 120_000
"""No award is put off for longer: a time that is further ahead is of a clock that has been set back since."""


class Stage(IntEnum):
    """How far an action has come. Of two at the same stage the first one stands.

    It never goes back, but for an award that ScoreService has taken and lost, because its ledger was set back.
    """

    CLAIMED = 1
    """Somebody is doing it: nobody else will."""
    ENDED = 2
    """It has led to what `ending` says."""
    SETTLED = 3
    """ScoreService has taken its award, or refused it for good."""


class Entry(NamedTuple):
    """One action, in the order of the journal's columns but the number.

    `data` is the action data where `ending` is `done`, and the handler's refusal as JSON where it is `refused`. `due`
    is the time from which the relay may deliver the award, and `None` where there is nothing to deliver. `score` is the
    score that the award led to; `rejection` is why ScoreService refused it for good, as JSON. `signed_in_at` is when
    the user had signed in, and `address` is that of the user's client, where they are known. `told_at` is when it was
    begun or, where it led to a ticket or a delivery more than `TOLD_MS` after that, when it did so. Times are in
    milliseconds since 1970.
    """

    user_id: str
    request_id: str
    action_type: str
    input_hash: str
    action_id: str
    display_name: str | None
    delivery: Delivery
    claimed_at: int
    stage: int = Stage.CLAIMED
    ending: Ending = ""
    data: str = ""
    points: int = 0
    award_id: str = ""
    due: int | None = None
    score: int | None = None
    rejection: str | None = None
    signed_in_at: int | None = None
    address: str | None = None
    told_at: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What an action is known by."""
        return self.user_id, self.request_id

    @property
    def is_owed(self) -> bool:
        """Whether its award is still to be delivered."""
        return self.due is not None


class Backlog(NamedTuple):
    """The awards that wait for the relay: how many, and when the oldest one's action was begun."""

    awards: int
    oldest: int | None
