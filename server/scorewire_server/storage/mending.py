"""Mends standings and restrictions, in a transaction that keeps every award waiting."""

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from scorewire_server.storage.database import Database
from scorewire_server.storage.fence import check_holder
from scorewire_server.storage.fold import Key
from scorewire_server.storage.records import Restriction, StandingRow
from scorewire_server.storage.statements import Head, Statements
from scorewire_server.storage.tables import ledger, restrictions, standings


class Mending:
    """One transaction of writing, on a connection that has begun it."""

    def __init__(self, database: Database, connection: sa.Connection) -> None:
        self._database = database
        self._connection = connection
        self._statements = Statements(connection.dialect)

    def newest(self) -> int:
        """The position of the newest award, which stays the newest until this transaction has ended.

        Raises TakenOver.
        """
        head = Head._make(self._connection.exec_driver_sql(self._statements.head).one())
        check_holder(self._database, head.holder)
        return head.position

    def replace(self, right: Sequence[StandingRow], nobodys: Collection[Key]) -> None:
        """Writes the right rows over the wrong ones, and deletes those that nobody has earned."""
        if right:
            self._statements.upsert_standings(self._connection, right)
        if nobodys:
            keys = [{"board": board_id, "user": user_id} for board_id, user_id in nobodys]
            of_nobody = (standings.c.board_id == sa.bindparam("board"), standings.c.user_id == sa.bindparam("user"))
            self._connection.execute(standings.delete().where(*of_nobody), keys)

    def replace_restrictions(self, right: Sequence[Restriction], nobodys: Collection[str]) -> None:
        """Writes the right rows over the wrong ones, and deletes those of users that nobody has decided about."""
        if right:
            self._statements.upsert_restrictions(self._connection, right)
        if nobodys:
            self._connection.execute(
                restrictions.delete().where(restrictions.c.user_id == sa.bindparam("user")),
                [{"user": user_id} for user_id in nobodys],
            )

    def mark(self, position: int) -> str:
        """Notes that the standings were mended at a position; answers the database's new id.

        Tokens of before know boards that were wrong, at revisions that are still the newest. With the id they are those
        of another database: a watch starts over with them, and no page follows another that was wrong.
        """
        database_id = uuid.uuid4().hex
        self._connection.execute(ledger.update().values(rebuilt_position=position, database_id=database_id))
        return database_id
