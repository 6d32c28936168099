"""The audit table: who, what, why, when and from where; append-only."""

from collections.abc import Sequence

import sqlalchemy as sa

from scorewire_server.storage.database import Database
from scorewire_server.storage.decisions import DECIDED
from scorewire_server.storage.records import AuditEvent
from scorewire_server.storage.statements import Statements
from scorewire_server.storage.tables import audit


class AuditLog:
    """Events in. Every method raises StorageUnavailable where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = Statements(database.engine.dialect)

    def write(self, events: Sequence[AuditEvent]) -> None:
        """Appends events, at least one."""
        with self._database.writing() as connection:
            self._statements.insert_audit(connection, events)

    def prune(self, before: int, limit: int) -> int:
        """Deletes what happened before a time in milliseconds since 1970, but decisions; answers how much.

        That is `limit` at most.
        """
        old = sa.select(audit.c.id).where(audit.c.at < before, audit.c.event.not_in(DECIDED)).limit(limit)
        with self._database.writing() as connection:
            return connection.execute(audit.delete().where(audit.c.id.in_(old))).rowcount

    def suspicions(self, since: int) -> Sequence[AuditEvent]:
        """What has spoken against users since a time in milliseconds since 1970, and who was cleared; oldest first."""
        matters = audit.c.weight.is_not(None) | audit.c.event.in_(("release", "unblock"))
        statement = sa.select(*[audit.c[name] for name in AuditEvent._fields]).where(audit.c.at >= since, matters)
        with self._database.reading() as connection:
            return [AuditEvent._make(row) for row in connection.execute(statement.order_by(audit.c.at, audit.c.id))]
