"""What storage takes and gives: plain values, no SQL."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from scorewire_server.errors import Refusal

Source = Literal["ticket", "internal"]


class Cap(NamedTuple):
    """The most awards and points of one user and action type within any `per` milliseconds."""

    per: int
    awards: int | None = None
    points: int | None = None


class Limits(NamedTuple):
    """What is plausible of one user and action type; times are in milliseconds, and 0 where there is no limit."""

    cooldown: int = 0
    after_sign_in: int = 0
    caps: tuple[Cap, ...] = ()

    @property
    def look_back(self) -> int:
        """How far back earlier awards matter."""
        return max([self.cooldown, *[cap.per for cap in self.caps]])


class Limited(NamedTuple):
    """The limits of an award, when it was earned, and when its user had signed in; in milliseconds since 1970."""

    limits: Limits
    acted_at: int
    signed_in_at: int | None = None


class NewAward(NamedTuple):
    """An award that is not in the ledger yet. `awarded_at` is in milliseconds since 1970.

    `actor` is the identity of the service that gives it, and `None` for a ticket.
    """

    award_id: str
    user_id: str
    action_type: str
    points: int
    boards: tuple[str, ...]
    source: Source
    awarded_at: int
    display_name: str | None = None
    limited: Limited | None = None
    """Where the rules limit its action type."""
    actor: str | None = None


class Award(NamedTuple):
    """A row of the ledger, in the order of its columns but the hash."""

    position: int
    award_id: str
    user_id: str
    action_type: str
    points: int
    boards: str
    source: str
    score: int
    awarded_at: int
    actor: str | None

    def same_content(self, new: NewAward) -> bool:
        """Whether `new` asks for what this award gave, whoever asks."""
        asked = (new.user_id, new.action_type, new.points, new.source)
        return asked == (self.user_id, self.action_type, self.points, self.source)


class StandingRow(NamedTuple):
    """A row of the standings."""

    board_id: str
    user_id: str
    score: int
    reached_position: int


class Recorded(NamedTuple):
    """What the ledger has under the `award_id` of a new award; `fresh` where it was not there before."""

    award: Award
    fresh: bool


@dataclass(slots=True)
class Appended:
    """What one transaction did.

    `previous` is the ledger's position before it; `recorded` has one entry for each new award, in order, or why the
    rules of plausibility refuse it; `standings` and `names` are the rows that changed, as they are now.
    """

    previous: int
    position: int
    recorded: list[Recorded | Refusal] = field(default_factory=list)
    standings: list[StandingRow] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
