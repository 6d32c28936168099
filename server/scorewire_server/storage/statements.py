"""The statements of the hot path, compiled once for the database at hand.

A statement that SQLAlchemy builds and caches anew for each call costs 60 to 100 µs more than its string, and its
executemany spends more on each row's dictionary than SQLite on the row. Everything off the hot path is plain Core.
"""

from typing import NamedTuple

import sqlalchemy as sa

from scorewire_server.storage.many import Replacing, compiled, many_rows
from scorewire_server.storage.records import Award, Restriction, StandingRow
from scorewire_server.storage.tables import audit, awards, ledger, restrictions, standings, users

AWARD = sa.select(*[awards.c[name] for name in Award._fields])
STANDING = sa.select(*[standings.c[name] for name in StandingRow._fields])
RESTRICTION = sa.select(*[restrictions.c[name] for name in Restriction._fields])
NAME = sa.select(users.c.user_id, users.c.display_name)


class Head(NamedTuple):
    """The ledger's head: position and hash of the newest award, the position of the newest decision, who may write."""

    database_id: str
    position: int
    hash: bytes
    decided_position: int
    holder: str | None


class Statements:
    """SQL strings with positional parameters, and writers of many rows."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self.many = many_rows(dialect)
        among, gathered = self.many.among, self.many.gathered

        def sql(statement: sa.Select[*tuple[object, ...]] | sa.Update, *parameters: str) -> str:
            return compiled(statement, dialect, parameters)

        self.head = sql(sa.select(*[ledger.c[name] for name in Head._fields]).with_for_update())
        self.move_head = sql(ledger.update(), "position", "hash")
        self.awards_by_id = sql(gathered(AWARD.where(among(awards.c.award_id))), "ids")
        of_users = STANDING.where(standings.c.board_id == sa.bindparam("board_id"), among(standings.c.user_id))
        self.standings_of = sql(gathered(of_users), "board_id", "ids")
        self.insert_awards = self.many.writer(awards)
        self.upsert_standings = self.many.writer(
            standings, Replacing(["board_id", "user_id"], ["score", "reached_position"])
        )
        self.upsert_restrictions = self.many.writer(
            restrictions, Replacing(["user_id"], ["state", "position", "reason"])
        )
        self.upsert_users = self.many.writer(users, Replacing(["user_id"], ["display_name"]))
        self.insert_audit = self.many.writer(audit)
