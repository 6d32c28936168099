"""The statements of the hot path, compiled once for the database at hand.

A statement that SQLAlchemy builds and caches anew for each call costs 60 to 100 µs more than its string, and its
executemany spends more on each row's dictionary than SQLite on the row. Everything off the hot path is plain Core.
"""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from scorewire_server.storage.records import Award, StandingRow
from scorewire_server.storage.tables import awards, ledger, standings, users

AWARD = sa.select(*[awards.c[name] for name in Award._fields])
STANDING = sa.select(*[standings.c[name] for name in StandingRow._fields])


class ManyRows(Protocol):
    """How a database takes many values in one statement, each in its quickest way."""

    def among(self, column: sa.Column[str]) -> sa.ColumnElement[bool]:
        """The condition that a column is one of the ids in the parameter `ids`."""

    def ids(self, ids: Collection[str]) -> Any:
        """The value of that parameter."""

    def insert(self, table: sa.Table) -> Any:
        """An insert of many rows."""

    def rows(self, rows: Sequence[tuple[Any, ...]]) -> Any:
        """The parameters of that insert."""


class SqliteRows:
    """Ids as JSON, rows by executemany."""

    def among(self, column: sa.Column[str]) -> sa.ColumnElement[bool]:
        """See ManyRows."""
        return column.in_(sa.select(sa.func.json_each(sa.bindparam("ids")).table_valued("value").c.value))

    def ids(self, ids: Collection[str]) -> Any:
        """See ManyRows."""
        return orjson.dumps(list(ids)).decode()

    def insert(self, table: sa.Table) -> Any:
        """See ManyRows."""
        return sqlite.insert(table)

    def rows(self, rows: Sequence[tuple[Any, ...]]) -> Any:
        """See ManyRows."""
        return list(rows)


class PostgresRows:
    """Ids as an array, rows as one array for each column: one statement and one round trip however many there are."""

    def among(self, column: sa.Column[str]) -> sa.ColumnElement[bool]:
        """See ManyRows."""
        # Not `= ANY(ids)`: prepared for an unknown array, it reads the whole table.
        return column.in_(sa.select(sa.func.unnest(sa.bindparam("ids", type_=postgresql.ARRAY(sa.Text)))))

    def ids(self, ids: Collection[str]) -> Any:
        """See ManyRows."""
        return list(ids)

    def insert(self, table: sa.Table) -> Any:
        """See ManyRows."""
        arrays = [sa.bindparam(column.name, type_=postgresql.ARRAY(_unbounded(column))) for column in table.columns]
        rows = sa.func.unnest(*arrays).table_valued(*table.columns.keys()).render_derived()
        return postgresql.insert(table).from_select(table.columns.keys(), sa.select(*rows.c))

    def rows(self, rows: Sequence[tuple[Any, ...]]) -> Any:
        """See ManyRows."""
        return tuple(map(list, zip(*rows, strict=True)))


class Statements:
    """SQL strings with positional parameters."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self.many: ManyRows = SqliteRows() if dialect.name == "sqlite" else PostgresRows()
        insert, among = self.many.insert, self.many.among

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


def _unbounded(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    # A cast to VARCHAR(64) cuts what is longer; a column of that type refuses it.
    return sa.Text() if isinstance(column.type, sa.String) else column.type


def _replacing(insert: Any, columns: Sequence[str]) -> Any:
    keys = list(insert.table.primary_key.columns)
    return insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in columns})


def _compiled(statement: Any, dialect: sa.Dialect, parameters: Sequence[str]) -> str:
    columns = None if statement.is_select else parameters
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    if tuple(compiled.positiontup) != tuple(parameters):
        raise AssertionError(f"{compiled}: parameters are {compiled.positiontup}, not {parameters}")
    return str(compiled)
