"""The restrictions as the ledger's transactions see them: in memory, for as long as the head says that they are right.

A transaction of awards reads the head anyway, and so knows of every decision at no cost; only after one is the table
read, and then no more than what is new in it.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from scorewire_server.storage.records import Restriction
from scorewire_server.storage.statements import RESTRICTION
from scorewire_server.storage.tables import restrictions


class Restricted:
    """Every user that was ever decided about, as of a decision."""

    def __init__(self) -> None:
        self._database_id = ""
        self._position = 0
        self._users: dict[str, Restriction] = {}

    def at(self, connection: sa.Connection, database_id: str, position: int) -> Mapping[str, Restriction]:
        """How users stand after the decision at `position`, read where that is not known yet."""
        if (database_id, position) != (self._database_id, self._position):
            if database_id != self._database_id:  # another one, or one that was mended
                self._users, self._position = {}, 0
            self._read(connection)
            self._database_id, self._position = database_id, position
        return self._users

    def _read(self, connection: sa.Connection) -> None:
        for row in connection.execute(RESTRICTION.where(restrictions.c.position > self._position)):
            restriction = Restriction._make(row)
            self._users[restriction.user_id] = restriction
