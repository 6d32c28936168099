"""The writes of the hot path, compiled once.

SQLAlchemy's own executemany spends more time on each row's dictionary than SQLite on writing it (22 k against 62 k
awards a second); the same statement as a string takes tuples.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from scorewire_server.storage.tables import awards, standings, users


class Statements:
    """SQL with positional parameters, in the order of each table's columns."""

    def __init__(self, dialect: sa.Dialect) -> None:
        insert: Any = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
        self.insert_awards = _compiled(insert(awards), awards, dialect)
        self.upsert_standings = _compiled(
            _replacing(insert(standings), ["score", "reached_position"]), standings, dialect
        )
        self.upsert_users = _compiled(_replacing(insert(users), ["display_name"]), users, dialect)


def _replacing(insert: Any, columns: Sequence[str]) -> Any:
    keys = list(insert.table.primary_key.columns)
    return insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in columns})


def _compiled(statement: Any, table: sa.Table, dialect: sa.Dialect) -> str:
    compiled = statement.compile(dialect=dialect, column_keys=[column.name for column in table.columns])
    if list(compiled.positiontup) != [column.name for column in table.columns]:
        raise AssertionError(f"parameters of {table.name} are not in the order of its columns")
    return str(compiled)
