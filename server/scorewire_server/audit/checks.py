"""What is held to be true of a database, and where it is not."""

from dataclasses import dataclass
from typing import NamedTuple


class Step(NamedTuple):
    """How far a long work has come: `done` of about `total` rows of a kind."""

    rows: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that is not as it should be. `row` names it by its keys, such as `{"position": 7, "awardId": "a"}`."""

    row: dict[str, object]
    expected: str
    found: str

    def __str__(self) -> str:
        keys = ", ".join(f"{name} {value}" for name, value in self.row.items())
        return f"{keys}: expected {self.expected}, found {self.found}".removeprefix(": ")


@dataclass(slots=True)
class Check:
    """One thing held to be true. `skipped` says why it was not looked at.

    Where a check is not `grave`, what it finds is told of and does not make the database wrong.
    """

    name: str
    about: str
    grave: bool = True
    wrong: int = 0
    first: Finding | None = None
    skipped: str | None = None

    def found(self, row: dict[str, object], *, expected: str, found: str) -> None:
        """Counts a row that is not as it should be, and keeps the first."""
        self.wrong += 1
        if self.first is None:
            self.first = Finding(row, expected, found)


class Checks:
    """Every check of a database."""

    def __init__(self) -> None:
        self.positions = Check("positions", "the rows have the positions 1, 2, 3, ... without gaps")
        self.chain = Check("chain", "each row has the hash of its columns and the row before")
        self.award_ids = Check("award ids", "no id is in the ledger twice")
        self.head = Check("head", "the ledger's head has the position and the hash of the newest row")
        self.scores = Check("scores", "each award has the score that it led to")
        self.marks = Check("marks", "each row is marked where its user was in quarantine")
        self.standings = Check("standings", "the standings are what the awards add up to")
        self.restrictions = Check("restrictions", "the restrictions are what the decisions come to")
        self.names = Check("names", "each name is of a user with an award")
        self.ranking = Check("ranking", "the boards show the standings in their order")
        self.journal = Check(
            "journal", "each action that earned points has its award, or it is pending, to be redeemed, or refused"
        )
        self.origins = Check("origins", "each award by an action server or by ticket is of an action in the journal")
        self.earlier_scores = Check(
            "earlier scores", "awards before the last rebuild have the score that they led to", grave=False
        )

    def all(self) -> list[Check]:
        """In the order in which they are told."""
        return list(vars(self).values())


def hexadecimal(value: object) -> str:
    """A hash as people read it; what is none as it stands."""
    return value.hex() if isinstance(value, bytes) and value else repr(value)


def shown_hash(value: object) -> str:
    """A hash as findings show it."""
    return f"hash {hexadecimal(value)}"
