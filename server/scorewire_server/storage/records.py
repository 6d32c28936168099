"""What storage takes and gives: plain values, no SQL."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from scorewire_server.errors import Refusal

Decision = Literal["quarantine", "release", "block", "unblock"]
"""About a user: no points, no boards."""
Kind = Literal["ticket", "internal", "adjustment", "void"] | Decision
"""What a row of the ledger is.

An award for an action, by one of the two ways; points that an operator gives or takes; the points of an award taken
back; or a decision.
"""
State = Literal["clear", "quarantined", "blocked"]
"""What decisions have made of a user."""


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


class Provenance(NamedTuple):
    """Where an award comes from, as far as that is known: for detection alone, no part of the ledger.

    `address` is that of the client that brought the ticket, or did the action. `mark` is what the ticket says of the
    action's address; `acted_at` is when the action was done, in milliseconds since 1970.
    """

    address: str | None
    mark: str | None = None
    acted_at: int | None = None


class NewAward(NamedTuple):
    """A row that is not in the ledger yet. `awarded_at` is in milliseconds since 1970.

    `actor` is the identity of the service that gives it, or who decides, and `None` for a ticket.
    """

    award_id: str
    user_id: str
    action_type: str
    points: int
    boards: tuple[str, ...]
    kind: Kind
    awarded_at: int
    display_name: str | None = None
    limited: Limited | None = None
    """Where the rules limit its action type."""
    provenance: Provenance | None = None
    actor: str | None = None
    reason: str | None = None
    as_of: int | None = None
    """Of a decision, the newest position that is known to whoever decides: one about the user after it counts more."""
    voids: str | None = None
    """Of a void, the id of the award that it takes back."""


class Award(NamedTuple):
    """A row of the ledger, in the order of its columns but the hash."""

    position: int
    award_id: str
    user_id: str
    action_type: str
    points: int
    boards: str
    kind: Kind
    score: int
    awarded_at: int
    actor: str | None
    quarantined: int
    reason: str | None

    def same_content(self, new: NewAward) -> bool:
        """Whether `new` asks for what this award gave, whoever asks."""
        asked = (new.user_id, new.action_type, new.points, new.kind)
        return asked == (self.user_id, self.action_type, self.points, self.kind)


class StandingRow(NamedTuple):
    """A row of the standings."""

    board_id: str
    user_id: str
    score: int
    reached_position: int


class Restriction(NamedTuple):
    """A row of the restrictions: a user's state, and the position and the reason of the decision that led to it."""

    user_id: str
    state: State
    position: int
    reason: str

    @property
    def shown(self) -> bool:
        """Whether the user is in the rankings."""
        return self.state == "clear"


class Recorded(NamedTuple):
    """What the ledger has under the `award_id` of a new award; `fresh` where it was not there before.

    `void` is the row that has taken it back since, where there is one.
    """

    award: Award
    fresh: bool
    void: Award | None = None


Outcome = Recorded | Refusal | Restriction
"""What became of a new row: it is in the ledger, it is refused, or it is a decision that would change nothing, because
the user is in that state already."""


class AuditEvent(NamedTuple):
    """One line of the audit: who, what, why and from where. Never a token.

    `event` is a signal, the reason of a refusal or a kind of decision; `weight` is the suspicion that it adds. `at` is
    in milliseconds since 1970; the trail sets it to the time of noting.
    """

    event: str
    why: str
    user_id: str | None = None
    actor: str | None = None
    address: str | None = None
    weight: float | None = None
    award_id: str | None = None
    at: int = 0


class Newest(NamedTuple):
    """The newest row of the ledger: its position, when it was recorded in milliseconds since 1970, and its hash."""

    position: int
    recorded_at: int
    hash: bytes


@dataclass(slots=True)
class Appended:
    """What one transaction did.

    `previous` is the ledger's position before it; `newest` is the newest row after it, recorded at 0 where it has
    recorded none; `recorded` has one entry for each new award, in order; `standings`, `restrictions` and `names` are
    the rows that changed, as they are now.
    """

    previous: int
    newest: Newest
    recorded: list[Outcome] = field(default_factory=list)
    standings: list[StandingRow] = field(default_factory=list)
    restrictions: list[Restriction] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
