"""What calls answer: plain values, frozen."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in user. `token` is the session JWT, good until `expire_time` (UTC)."""

    token: str = field(repr=False)
    user_id: str
    display_name: str
    expire_time: datetime


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """What an action led to.

    `token` is the ticket, set for action types delivered by ticket: redeem it with `result` within 10 seconds. `score`
    is the user's score, set for those delivered internally. Neither is set where the action earned nothing.
    `score_pending` says that the award does not count yet and will: acting again with the same `request_id` brings the
    score, and does nothing else.
    """

    message: str
    token: str | None = field(repr=False)
    score: int | None
    score_pending: bool
    result: str
    """The action data, exactly as the server wrote it; `redeem` needs it unchanged."""
    request_id: str

    @property
    def parsed(self) -> Any:
        """The action data as Python values, to look at."""
        return json.loads(self.result)


@dataclass(frozen=True, slots=True)
class Award:
    """What an award changed.

    `score` and `rank` are the user's on the first board of the action type. `rank` is 0 for a user who is not shown,
    and `None` where a ticket's answer was lost and it had counted already: that refusal does not name it. A board whose
    `revision` is this one or later shows the award. `award_id` is set for those that a service gave.
    """

    message: str
    status: str
    score_increase: int
    score: int
    rank: int | None
    revision: int
    award_id: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One user on one board; rank 1 is the best.

    In a watch, `rank_change` is how many ranks the user has climbed since the board before, negative where it fell, and
    `score_change` how many points it has gained; both are 0 where nothing changed, and `None` where the board before
    did not have the user. Elsewhere they are `None`.
    """

    rank: int
    user_id: str
    display_name: str | None
    score: int
    rank_change: int | None = None
    score_change: int | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A window of a board at one revision, best first: its top, or the standings around a user, or those of some users.

    `own` is the standing of the user that a watch was asked to add, `None` while that user has none. `resume_token`
    makes a watch go on after this board. `update_time` (UTC) is when the board became what it is, `None` while it is
    empty.
    """

    board_id: str
    revision: int
    total_users: int
    standings: tuple[Standing, ...]
    own: Standing | None
    resume_token: str
    update_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a board's standings; `next_page_token` is `None` on the last one."""

    standings: tuple[Standing, ...]
    next_page_token: str | None
    total_users: int
    revision: int
