"""The statements of the hot path, compiled once for the database at hand.

A statement that SQLAlchemy builds and caches anew for each call costs 60 to 100 µs more than its string, and its
executemany spends more on each row's dictionary than SQLite on the row. Everything off the hot path is plain Core.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from scorewire_server.storage.records import Award, StandingRow
from scorewire_server.storage.tables import awards, ledger, standings, users

AWARD = sa.select(*[awards.c[name] for name in Award._fields])
STANDING = sa.select(*[standings.c[name] for name in StandingRow._fields])


class Statements:
    """SQL strings with positional parameters; `ids` makes the parameter that stands for many ids."""

    def __init__(self, dialect: sa.Dialect) -> None:
        embedded = dialect.name == "sqlite"
        insert: Any = sqlite.insert if embedded else postgresql.insert
        among = _among_json if embedded else _among_array
        self.ids: Callable[[Collection[str]], Any] = _json if embedded else list

        def compiled(statement: Any, *parameters: str) -> str:
            return _compiled(statement, dialect, parameters)

        self.head = compiled(sa.select(ledger.c.position, ledger.c.hash).with_for_update())
        self.move_head = compiled(ledger.update(), "position", "hash")
        self.awards_by_id = compiled(AWARD.where(among(awards.c.award_id)), "ids")
        of_users = STANDING.where(standings.c.board_id == sa.bindparam("board_id"), among(standings.c.user_id))
        self.standings_of = compiled(of_users, "board_id", "ids")
        self.insert_awards = compiled(insert(awards), *awards.c.keys())
        replacing = _replacing(insert(standings), ["score", "reached_position"])
        self.upsert_standings = compiled(replacing, *standings.c.keys())
        self.upsert_users = compiled(_replacing(insert(users), ["display_name"]), *users.c.keys())


def _among_json(column: sa.Column[str]) -> sa.ColumnElement[bool]:
    return column.in_(sa.select(sa.func.json_each(sa.bindparam("ids")).table_valued("value").c.value))


def _among_array(column: sa.Column[str]) -> sa.ColumnElement[bool]:
    return column == sa.func.any(sa.bindparam("ids", type_=postgresql.ARRAY(sa.Text)))


def _json(ids: Collection[str]) -> str:
    return orjson.dumps(list(ids)).decode()


def _replacing(insert: Any, columns: Sequence[str]) -> Any:
    keys = list(insert.table.primary_key.columns)
    return insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in columns})


def _compiled(statement: Any, dialect: sa.Dialect, parameters: Sequence[str]) -> str:
    columns = None if statement.is_select else parameters
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    if tuple(compiled.positiontup) != tuple(parameters):
        raise AssertionError(f"{compiled}: parameters are {compiled.positiontup}, not {parameters}")
    return str(compiled)
