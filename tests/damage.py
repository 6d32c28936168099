"""Damage done to a database behind the server's back, each kind with what `verify` must find.

All of it is done to the same few awards, which `fill` gives.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from scorewire_server.storage.ledger import Ledger
from tests.awards import new_award

ADA, BOB, EVE = "ada", "bob", "eve"


def fill(ledger: Ledger) -> None:
    """Positions 1 to 5: ada has 7 points on main and 5 on dice, bob 7 and none, eve 1 and none."""
    ledger.append(
        [
            new_award(ADA, 5, award_id="a1", boards=("main", "dice"), display_name="Ada"),
            new_award(BOB, 3, award_id="b1"),
            new_award(EVE, 1, award_id="e1"),
            new_award(BOB, 4, award_id="b2"),
            new_award(ADA, 2, award_id="a2"),
        ],
        {},
    )


@dataclass(frozen=True)
class Damage:
    """Statements, and for each check that must fail its first wrong row and how many rows are wrong."""

    sql: tuple[str, ...]
    finds: dict[str, tuple[dict[str, Any], int]]

    def do(self, url: sa.URL | str) -> None:
        """Does it."""
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # A transaction of awards may have some of the rows, and want others: neither would ever end.
                connection.exec_driver_sql("LOCK TABLE awards, standings IN EXCLUSIVE MODE")
            for statement in self.sql:
                connection.exec_driver_sql(statement)
        engine.dispose()


def at(position: int, award_id: str) -> dict[str, Any]:
    """The row of an award."""
    return {"position": position, "awardId": award_id}


def of(user_id: str, board_id: str = "main") -> dict[str, Any]:
    """The row of a standing."""
    return {"boardId": board_id, "userId": user_id}


_EVERY_BUT_ID = (
    "user_id, action_type, points, boards, kind, score, awarded_at, actor, quarantined, reason, hash, acted_at"
)

STANDINGS = {
    "changed standing": Damage(
        ("UPDATE standings SET score = 100 WHERE user_id = 'bob'",),
        {"standings": (of(BOB), 1)},
    ),
    "changed reached position": Damage(
        ("UPDATE standings SET reached_position = 2 WHERE user_id = 'bob'",),
        {"standings": (of(BOB), 1)},
    ),
    "the place of another": Damage(
        ("UPDATE standings SET score = 7, reached_position = 4 WHERE user_id = 'eve'",),
        {"standings": (of(EVE), 1)},
    ),
    "deleted standing": Damage(
        ("DELETE FROM standings WHERE user_id = 'bob'",),
        {"standings": (of(BOB), 1)},
    ),
    "standing of nobody": Damage(
        ("INSERT INTO standings VALUES ('main', 'mallory', 1000, 3)",),
        {"standings": (of("mallory"), 1)},
    ),
    "standing on another board": Damage(
        ("UPDATE standings SET board_id = 'dice' WHERE user_id = 'bob'",),
        {"standings": (of(BOB, "dice"), 2)},
    ),
    "swapped standings": Damage(
        (
            "UPDATE standings SET user_id = 'x' WHERE user_id = 'bob'",
            "UPDATE standings SET user_id = 'bob' WHERE user_id = 'eve'",
            "UPDATE standings SET user_id = 'eve' WHERE user_id = 'x'",
        ),
        {"standings": (of(BOB), 2)},
    ),
    "no standings": Damage(
        ("DELETE FROM standings",),
        {"standings": (of(ADA), 4)},
    ),
}
"""Damage to the standings alone, which can be made again."""

DAMAGES = STANDINGS | {
    "changed points": Damage(
        ("UPDATE awards SET points = 6 WHERE position = 2",),
        {"chain": (at(2, "b1"), 1), "scores": (at(2, "b1"), 2), "standings": (of(BOB), 1)},
    ),
    "changed user": Damage(
        ("UPDATE awards SET user_id = 'eve' WHERE position = 2",),
        {"chain": (at(2, "b1"), 1), "scores": (at(3, "e1"), 2), "standings": (of(BOB), 2)},
    ),
    "changed boards": Damage(
        ("UPDATE awards SET boards = 'main,dice' WHERE position = 2",),
        {"chain": (at(2, "b1"), 1), "standings": (of(BOB, "dice"), 1)},
    ),
    "changed action type": Damage(
        ("UPDATE awards SET action_type = 'x' WHERE position = 1",),
        {"chain": (at(1, "a1"), 1)},
    ),
    "changed kind": Damage(
        ("UPDATE awards SET kind = 'ticket' WHERE position = 1",),
        {"chain": (at(1, "a1"), 1)},
    ),
    "changed time": Damage(
        ("UPDATE awards SET awarded_at = 1 WHERE position = 4",),
        {"chain": (at(4, "b2"), 1)},
    ),
    "changed actor": Damage(
        ("UPDATE awards SET actor = 'ops' WHERE position = 4",),
        {"chain": (at(4, "b2"), 1)},
    ),
    "changed score of an award": Damage(
        ("UPDATE awards SET score = 8 WHERE position = 4",),
        {"chain": (at(4, "b2"), 1), "scores": (at(4, "b2"), 1)},
    ),
    "changed id of an award": Damage(
        ("UPDATE awards SET award_id = 'x' WHERE position = 4",),
        {"chain": (at(4, "x"), 1)},
    ),
    "changed hash": Damage(
        ("UPDATE awards SET hash = (SELECT hash FROM awards WHERE position = 1) WHERE position = 3",),
        {"chain": (at(3, "e1"), 2)},
    ),
    "changed hash of the newest": Damage(
        ("UPDATE awards SET hash = (SELECT hash FROM awards WHERE position = 1) WHERE position = 5",),
        {"chain": (at(5, "a2"), 1), "head": ({}, 1)},
    ),
    "deleted award": Damage(
        ("DELETE FROM awards WHERE position = 2",),
        {
            "positions": (at(3, "e1"), 1),
            "chain": (at(3, "e1"), 1),
            "scores": (at(4, "b2"), 1),
            "standings": (of(BOB), 1),
        },
    ),
    "deleted newest award": Damage(
        ("DELETE FROM awards WHERE position = 5",),
        {"head": ({}, 2), "standings": (of(ADA), 1)},
    ),
    "deleted first award": Damage(
        ("DELETE FROM awards WHERE position = 1",),
        {
            "positions": (at(2, "b1"), 1),
            "chain": (at(2, "b1"), 1),
            "scores": (at(5, "a2"), 1),
            "standings": (of(ADA, "dice"), 2),
        },
    ),
    "deleted award, the others moved up": Damage(
        (
            "DELETE FROM awards WHERE position = 2",
            "UPDATE awards SET position = 2 WHERE position = 3",
            "UPDATE awards SET position = 3 WHERE position = 4",
            "UPDATE awards SET position = 4 WHERE position = 5",
        ),
        {
            "chain": (at(2, "e1"), 3),
            "head": ({}, 1),
            "scores": (at(3, "b2"), 1),
            "standings": (of(ADA), 3),
        },
    ),
    "swapped awards": Damage(
        (
            "UPDATE awards SET position = -position WHERE position IN (2, 3)",
            "UPDATE awards SET position = 5 + position WHERE position < 0",
        ),
        {"chain": (at(2, "e1"), 3), "standings": (of(EVE), 1)},
    ),
    "inserted award": Damage(
        (
            f"INSERT INTO awards SELECT 6, 'x', {_EVERY_BUT_ID} FROM awards WHERE position = 5",
            "UPDATE ledger SET position = 6",
        ),
        {"chain": (at(6, "x"), 1), "scores": (at(6, "x"), 1), "standings": (of(ADA), 1)},
    ),
    "inserted award that the head does not know": Damage(
        (f"INSERT INTO awards SELECT 6, 'x', {_EVERY_BUT_ID} FROM awards WHERE position = 5",),
        {"chain": (at(6, "x"), 1), "head": ({}, 1), "scores": (at(6, "x"), 1), "standings": (of(ADA), 1)},
    ),
    "inserted award behind a gap": Damage(
        (f"INSERT INTO awards SELECT 9, 'x', {_EVERY_BUT_ID} FROM awards WHERE position = 5",),
        {
            "positions": (at(9, "x"), 1),
            "chain": (at(9, "x"), 1),
            "head": ({}, 1),
            "scores": (at(9, "x"), 1),
            "standings": (of(ADA), 1),
        },
    ),
    "inserted award before the first": Damage(
        (f"INSERT INTO awards SELECT 0, 'x', {_EVERY_BUT_ID} FROM awards WHERE position = 3",),
        {
            "positions": (at(0, "x"), 1),
            "chain": (at(0, "x"), 2),
            "scores": (at(3, "e1"), 1),
            "standings": (of(EVE), 1),
        },
    ),
    "changed position of the head": Damage(
        ("UPDATE ledger SET position = 4",),
        {"head": ({}, 1)},
    ),
    "changed hash of the head": Damage(
        ("UPDATE ledger SET hash = (SELECT hash FROM awards WHERE position = 4)",),
        {"head": ({}, 1)},
    ),
    "no head": Damage(("DELETE FROM ledger",), {"head": ({}, 1)}),
    "two heads": Damage(
        ("INSERT INTO ledger SELECT 2, database_id, position, hash, decided_position, holder, 0 FROM ledger",),
        {"head": ({}, 1)},
    ),
    "name of nobody": Damage(
        ("INSERT INTO users VALUES ('mallory', 'Mallory')",),
        {"names": ({"userId": "mallory"}, 1)},
    ),
    "everything deleted but the head": Damage(
        ("DELETE FROM awards",),
        {"head": ({}, 2), "standings": (of(ADA, "dice"), 4), "names": ({"userId": "ada"}, 1)},
    ),
}
"""By what was done. Of the standings, those that are there come first, and then those that are missing."""
