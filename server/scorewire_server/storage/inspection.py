"""Everything in a database as it stands, in chunks of plain rows, for whoever holds it against what it should be."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from scorewire_server.storage.many import many_rows
from scorewire_server.storage.statements import AWARD, NAME, RESTRICTION, STANDING
from scorewire_server.storage.tables import awards, ledger, restrictions, standings, users

Rows = Sequence[sa.Row[*tuple[Any, ...]]]

CHUNK = 10_000


class Inspection:
    """Reads through one connection, and so one state of the database where that is in one transaction of reading.

    Values are as the database has them: SQLite keeps any value in any column.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def heads(self) -> list[tuple[Any, ...]]:
        """Position, hash, decided and rebuilt position of each head of the ledger, of which there should be one."""
        rebuilt = sa.cast(ledger.c.rebuilt_position, sa.BigInteger)
        statement = sa.select(ledger.c.position, ledger.c.hash, ledger.c.decided_position, rebuilt)
        return [tuple(row) for row in self._connection.execute(statement)]

    def database_id(self) -> str:
        """What tells this database from every other; empty where the ledger has no head."""
        return str(self._connection.scalar(sa.select(ledger.c.database_id)) or "")

    def newest(self) -> int:
        """The highest position of an award; 0 while there is none."""
        return self._connection.scalar(sa.select(sa.cast(sa.func.max(awards.c.position), sa.BigInteger))) or 0

    def awards(self, after: int | None = None, up_to: int | None = None) -> Iterator[Rows]:
        """Awards in order, or those after a position and up to another: the columns of Award, and the hash."""
        statement = AWARD.add_columns(awards.c.hash).order_by(awards.c.position)
        if after is not None:
            statement = statement.where(awards.c.position > after)
        if up_to is not None:
            statement = statement.where(awards.c.position <= up_to)
        return self._chunks(statement)

    def known(self, award_ids: Collection[str]) -> set[str]:
        """Which of these awards there are."""
        many = many_rows(self._connection.dialect)
        among = sa.select(awards.c.award_id).where(many.among(awards.c.award_id))
        return set(self._connection.scalars(among, {"ids": many.ids(award_ids)}))

    def repeated_ids(self) -> Iterator[tuple[str, list[int]]]:
        """Each `award_id` that is there more than once, with its positions."""
        repeated = sa.select(awards.c.award_id).group_by(awards.c.award_id).having(sa.func.count() > 1)
        for award_id in self._connection.scalars(repeated).all():
            positions = sa.select(awards.c.position).where(awards.c.award_id == award_id).order_by(awards.c.position)
            yield award_id, list(self._connection.scalars(positions))

    def standings(self) -> Iterator[Rows]:
        """Every standing, ordered by board and user: the columns of StandingRow."""
        return self._chunks(STANDING.order_by(*standings.primary_key))

    def restrictions(self) -> Iterator[Rows]:
        """Every user that was decided about, ordered by user: the columns of Restriction."""
        return self._chunks(RESTRICTION.order_by(*restrictions.primary_key))

    def names(self) -> Iterator[Rows]:
        """User id and display name of every user that has one, ordered by user."""
        return self._chunks(NAME.order_by(*users.primary_key))

    def _chunks(self, statement: sa.Select[*tuple[Any, ...]]) -> Iterator[Rows]:
        with self._connection.execute(statement.execution_options(yield_per=CHUNK)) as result:
            yield from result.partitions()
