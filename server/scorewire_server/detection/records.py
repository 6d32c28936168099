"""What the detector takes, gives, and remembers of each user and address."""

from dataclasses import dataclass
from typing import NamedTuple

from scorewire_server.detection.habits import Boundness, Regularity
from scorewire_server.detection.memory import Decaying, Tally
from scorewire_server.detection.signals import Signal

KNOWN_ADDRESSES = 8
"""Of a user: those that its tickets were redeemed from, the newest."""
TYPES = 8
"""Action types of a user whose habits are remembered, the first."""


class Seen(NamedTuple):
    """An award that counts, or a ticket that was presented for one. Times are in milliseconds since 1970.

    `at` is when it was earned, `now` when it was written. `address` is the client's, and `mark` what the ticket says of
    the action's, where they are known. `bound` is whether it has the most points its rule allows, and `None` where all
    awards of the type have the same.
    """

    user_id: str
    award_id: str
    action_type: str
    at: int
    now: int
    address: str | None = None
    mark: str | None = None
    bound: bool | None = None


class Finding(NamedTuple):
    """A signal that has fired, with its reason in one line: against a user, or where there is none the address."""

    signal: Signal
    at: int
    why: str
    weight: float
    user_id: str | None = None
    address: str | None = None
    award_id: str | None = None


class Habits:
    """A user's awards of one action type."""

    __slots__ = ("boundness", "regularity")

    def __init__(self) -> None:
        self.regularity = Regularity()
        self.boundness = Boundness()


class User:
    """What is remembered of a user: most of it is empty for most, and costs nothing then."""

    __slots__ = (
        "_tallies",
        "addresses",
        "behind",
        "counts",
        "farmed_at",
        "habits",
        "own_pace",
        "proof",
        "reasons",
        "shown",
        "suspicion",
        "windows",
    )

    def __init__(self) -> None:
        self.suspicion = Decaying()
        self.proof = Decaying()
        self.reasons: dict[str, str] = {}
        self.shown: tuple[str, ...] = ()
        self.habits: dict[str, Habits] = {}
        self.addresses: tuple[str, ...] = ()
        self.counts = Tally()
        self.own_pace = 0.0
        self.windows = 0
        self.farmed_at = 0
        self.behind = Follower()
        self._tallies: dict[str, Tally] = {}

    def tally(self, signal: Signal) -> Tally:
        """How often what the signal is about has been, of late."""
        return self._tallies.get(signal.name) or self._tallies.setdefault(signal.name, Tally())


@dataclass(slots=True)
class Follower:
    """Whom a user's awards follow at its address, after how long, and how many times in a row."""

    leader: str = ""
    gap: int = 0
    times: int = 0


class Address:
    """What is remembered of an address."""

    __slots__ = ("flagged", "forged", "last_at", "last_user", "machines", "suspicion")

    def __init__(self) -> None:
        self.suspicion = Decaying()
        self.flagged = False
        self.forged = Tally()
        self.last_user = ""
        self.last_at = 0
        self.machines: dict[str, int] = {}
