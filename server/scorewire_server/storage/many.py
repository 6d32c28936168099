"""How each database takes and gives many rows at once in its quickest way.

For SQLite that is as few steps as can be. Python's lock is let go and taken back around each step, and a committer that
takes it back three hundred times a transaction waits for the busy event loop as often.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple, Protocol

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Rows = Sequence[tuple[Any, ...]]
Write = Callable[[sa.Connection, Rows], int]
"""Writes rows, at least one, with their values in the order of the columns; answers how many were new or replaced."""

_MOST_ROWS = 256
"""In one statement: the largest table has twenty columns, and SQLite takes 32,766 parameters."""


class Replacing(NamedTuple):
    """What becomes of a row whose `keys` are there already: its `columns` are replaced.

    Where `growing` names a column, that is so only where the column's new value is the larger one.
    """

    keys: Sequence[str]
    columns: Sequence[str]
    growing: str | None = None


class ManyRows(Protocol):
    """What the two databases do differently."""

    def among(self, column: sa.Column[str]) -> sa.ColumnElement[bool]:
        """The condition that a column is one of the ids in the parameter `ids`."""

    def ids(self, ids: Collection[str]) -> Any:
        """The value of that parameter."""

    def gathered(self, select: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
        """The select whose result `rows` reads."""

    def rows(self, result: sa.CursorResult[Any]) -> Iterable[Sequence[Any]]:
        """The rows of a gathered select."""

    def writer(self, table: sa.Table, replacing: Replacing | None = None) -> Write:
        """Inserts rows; those that are there already are replaced as `replacing` says."""


class SqliteRows:
    """Ids as JSON, results as JSON, and rows by 1, 2, 4, … 256 in statements that are compiled once."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect

    def among(self, column: sa.Column[str]) -> sa.ColumnElement[bool]:
        """See ManyRows."""
        return column.in_(sa.select(sa.func.json_each(sa.bindparam("ids")).table_valued("value").c.value))

    def ids(self, ids: Collection[str]) -> Any:
        """See ManyRows."""
        return orjson.dumps(list(ids)).decode()

    def gathered(self, select: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
        """See ManyRows."""
        return sa.select(sa.func.json_group_array(sa.func.json_array(*select.subquery().c)))

    def rows(self, result: sa.CursorResult[Any]) -> Iterable[Sequence[Any]]:
        """See ManyRows."""
        rows: list[list[Any]] = orjson.loads(result.scalar_one())
        return rows

    def writer(self, table: sa.Table, replacing: Replacing | None = None) -> Write:
        """See ManyRows."""

        @cache
        def statement(count: int) -> str:
            values: list[dict[str, sa.BindParameter[Any]]]
            values = [{name: sa.bindparam(f"{name}_{row}") for name in written(table)} for row in range(count)]
            insert = _replacing(sqlite.insert(table).values(values), replacing)
            names = [parameter.key for row in values for parameter in row.values()]
            return compiled(insert, self._dialect, names)

        def write(connection: sa.Connection, rows: Rows) -> int:
            changed = 0
            while rows:
                count = min(_MOST_ROWS, 1 << (len(rows).bit_length() - 1))
                changed += connection.exec_driver_sql(
                    statement(count), tuple(chain.from_iterable(rows[:count]))
                ).rowcount
                rows = rows[count:]
            return changed

        return write


class PostgresRows:
    """Ids as an array, rows as one array for each column: one statement and one round trip however many there are."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect

    def among(self, column: sa.Column[str]) -> sa.ColumnElement[bool]:
        """See ManyRows."""
        # Not `= ANY(ids)`: prepared for an unknown array, it reads the whole table.
        return column.in_(sa.select(sa.func.unnest(sa.bindparam("ids", type_=postgresql.ARRAY(sa.Text)))))

    def ids(self, ids: Collection[str]) -> Any:
        """See ManyRows."""
        return list(ids)

    def gathered(self, select: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
        """See ManyRows."""
        return select

    def rows(self, result: sa.CursorResult[Any]) -> Iterable[Sequence[Any]]:
        """See ManyRows."""
        return result

    def writer(self, table: sa.Table, replacing: Replacing | None = None) -> Write:
        """See ManyRows."""
        names = written(table)
        arrays = [sa.bindparam(name, type_=postgresql.ARRAY(_unbounded(table.c[name]))) for name in names]
        rows = sa.func.unnest(*arrays).table_valued(*names).render_derived()
        insert = postgresql.insert(table).from_select(names, sa.select(*rows.c))
        statement = compiled(_replacing(insert, replacing), self._dialect, names)

        def write(connection: sa.Connection, rows: Rows) -> int:
            return connection.exec_driver_sql(statement, tuple(map(list, zip(*rows, strict=True)))).rowcount

        return write


def many_rows(dialect: sa.Dialect) -> ManyRows:
    """The way of a dialect."""
    return (SqliteRows if dialect.name == "sqlite" else PostgresRows)(dialect)


def written(table: sa.Table) -> list[str]:
    """The columns that `writer` takes values for: all but a number that the database makes."""
    return [column.name for column in table.c if column is not table.autoincrement_column]


def compiled(statement: Any, dialect: sa.Dialect, parameters: Sequence[str]) -> str:
    """The SQL of a statement that takes those parameters in that order."""
    columns = parameters if statement.is_dml else None
    done = statement.compile(dialect=dialect, column_keys=columns)
    if tuple(done.positiontup) != tuple(parameters):
        raise AssertionError(f"{done}: parameters are {done.positiontup}, not {parameters}")
    return str(done)


def _unbounded(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    # A cast to VARCHAR(64) cuts what is longer; a column of that type refuses it.
    return sa.Text() if isinstance(column.type, sa.String) else column.type


def _replacing(insert: Any, replacing: Replacing | None) -> Any:
    if replacing is None:
        return insert
    keys, names, growing = replacing
    new, old = insert.excluded, insert.table.c
    where = old[growing] < new[growing] if growing else None
    return insert.on_conflict_do_update(index_elements=keys, set_={name: new[name] for name in names}, where=where)
