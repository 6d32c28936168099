"""What a journal says of the awards that its actions earned, for whoever holds the ledger against it."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from scorewire_server.storage.inspection import CHUNK
from scorewire_server.storage.journal.statements import DELIVERED
from scorewire_server.storage.journal.tables import actions, journal
from scorewire_server.storage.many import many_rows


class Earned(NamedTuple):
    """An action that earned points; its columns are those of Entry."""

    award_id: str
    user_id: str
    request_id: str
    action_type: str
    points: int
    delivery: str
    stage: int
    due: int | None
    score: int | None
    rejection: str | None


_HAS_EARNED = sa.and_(actions.c.award_id != "", actions.c.points != 0)
_EARNED = sa.select(*[actions.c[name] for name in Earned._fields]).where(_HAS_EARNED)


class JournalInspection:
    """Reads through one connection, and so one state of the journal where that is in one transaction of reading."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._many = many_rows(connection.dialect)

    def knows_since(self) -> int:
        """The time, in milliseconds since 1970, from which on no award is of an action that is forgotten."""
        return int(self._connection.scalar(sa.select(sa.func.max(journal.c.knows_since))) or 0)

    def earned(self) -> Iterator[list[Earned]]:
        """Every action that earned points, in chunks."""
        return self._chunks(_EARNED)

    def delivered(self) -> Iterator[list[Earned]]:
        """Every action whose award the server has delivered, in chunks."""
        return self._chunks(_EARNED.where(DELIVERED))

    def _chunks(self, statement: sa.Select[*tuple[Any, ...]]) -> Iterator[list[Earned]]:
        with self._connection.execute(statement.execution_options(yield_per=CHUNK)) as result:
            for rows in result.partitions():
                yield [Earned._make(row) for row in rows]

    def known(self, award_ids: Collection[str]) -> set[str]:
        """Which of these awards actions have earned."""
        among = sa.select(actions.c.award_id).where(_HAS_EARNED, self._many.among(actions.c.award_id))
        return set(self._connection.scalars(among, {"ids": self._many.ids(award_ids)}))
