"""The statements of the journal's hot path, compiled once for the database at hand, and the rest as plain Core."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from scorewire_server.storage.journal.records import FURTHEST_MS, Entry, Stage
from scorewire_server.storage.journal.tables import actions
from scorewire_server.storage.many import Replacing, compiled, many_rows

ENTRY = sa.select(*[actions.c[name] for name in Entry._fields])
OWED = actions.c.due.is_not(None)
DELIVERED = sa.and_(
    actions.c.stage == Stage.SETTLED,
    actions.c.delivery == "internal",
    actions.c.points != 0,
    actions.c.rejection.is_(None),
)
_NOW = sa.bindparam("now", type_=sa.BigInteger)
IS_DUE = (actions.c.due <= _NOW) | (actions.c.due > _NOW + FURTHEST_MS)
# By the column itself SQLite would group along the index of all actions.
_USER = sa.cast(actions.c.user_id, sa.Text).label("user_id")
_NOT_YET = (
    sa.select(_USER, sa.func.min(actions.c.number).label("number")).where(OWED, ~IS_DUE).group_by(_USER).cte("not_yet")
)
DUE = (
    ENTRY.outerjoin_from(actions, _NOT_YET, actions.c.user_id == _NOT_YET.c.user_id)
    .where(IS_DUE, _NOT_YET.c.number.is_(None) | (actions.c.number < _NOT_YET.c.number))
    .order_by(actions.c.number)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_KEYS = ("user_id", "request_id")
_CHANGING = ("stage", "ending", "data", "points", "award_id", "due", "score", "rejection")


class Statements:
    """SQL strings with positional parameters, and the writer of entries."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self.many = many_rows(dialect)
        self.write = self.many.writer(actions, Replacing(_KEYS, _CHANGING, growing="stage"))
        self.among_keys = sa.tuple_(*[actions.c[name] for name in _KEYS]).in_(_pairs(dialect))
        self.by_keys = compiled(self.many.gathered(ENTRY.where(self.among_keys)), dialect, ["keys"])


def _pairs(dialect: sa.Dialect) -> sa.Select[tuple[str, str]]:
    """The pairs of strings in the parameter `keys`, which is JSON: an array of arrays."""
    keys = sa.bindparam("keys", type_=sa.Text)
    if dialect.name == "sqlite":
        pair = sa.func.json_each(keys).table_valued("value").c.value
        return sa.select(*[sa.func.json_extract(pair, sa.literal_column(f"'$[{at}]'")) for at in (0, 1)])
    pair = sa.func.json_array_elements(sa.cast(keys, postgresql.JSON)).table_valued("value").c.value
    return sa.select(*[sa.func.json_extract_path_text(pair, sa.literal_column(f"'{at}'")) for at in (0, 1)])
