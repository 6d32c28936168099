"""What was: rows of the ledger about one user, and events of the audit, the newest first, page by page."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from scorewire_server.storage.database import Database
from scorewire_server.storage.records import AuditEvent, Award, Restriction
from scorewire_server.storage.statements import AWARD, RESTRICTION
from scorewire_server.storage.tables import audit, awards, restrictions, standings


class Wanted(NamedTuple):
    """Which events: each that is not `None` must be so; `start` and `end` are in milliseconds since 1970."""

    user_id: str | None = None
    event: str | None = None
    actor: str | None = None
    address: str | None = None
    start: int | None = None
    end: int | None = None


class Noted(NamedTuple):
    """An event of the audit, and its number there."""

    number: int
    event: AuditEvent


class History:
    """Reads beside the transactions of awards. Every method raises StorageUnavailable where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def award(self, award_id: str) -> Award | None:
        """The row of the ledger with that id."""
        rows = self._rows(AWARD.where(awards.c.award_id == award_id))
        return Award._make(rows[0]) if rows else None

    def restriction(self, user_id: str) -> Restriction | None:
        """How a user stands; `None` where nobody has ever decided about it."""
        rows = self._rows(RESTRICTION.where(restrictions.c.user_id == user_id))
        return Restriction._make(rows[0]) if rows else None

    def stands(self, user_id: str, board_ids: Sequence[str]) -> bool:
        """Whether a user has a standing on one of the boards."""
        of_user = sa.select(standings.c.score).where(
            standings.c.board_id.in_(board_ids), standings.c.user_id == user_id
        )
        return bool(self._rows(of_user.limit(1)))

    def entries(self, user_id: str, before: int | None, count: int) -> list[Award]:
        """A user's last `count` rows of the ledger, or the last ones before a position."""
        statement = AWARD.where(awards.c.user_id == user_id).order_by(awards.c.position.desc()).limit(count)
        if before is not None:
            statement = statement.where(awards.c.position < before)
        return [Award._make(row) for row in self._rows(statement)]

    def events(self, wanted: Wanted, before: int | None, count: int) -> list[Noted]:
        """The last `count` events that are wanted, or the last ones before a number."""
        statement = sa.select(audit.c.id, *[audit.c[name] for name in AuditEvent._fields])
        statement = statement.where(*_conditions(wanted)).order_by(audit.c.id.desc()).limit(count)
        if before is not None:
            statement = statement.where(audit.c.id < before)
        return [Noted(number, AuditEvent._make(event)) for number, *event in self._rows(statement)]

    def _rows(self, statement: sa.Select[*tuple[Any, ...]]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        with self._database.reading() as connection:
            return connection.execute(statement).all()


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions = [
        audit.c[name] == value for name, value in zip(Wanted._fields[:4], wanted[:4], strict=True) if value is not None
    ]
    if wanted.start is not None:
        conditions.append(audit.c.at >= wanted.start)
    if wanted.end is not None:
        conditions.append(audit.c.at < wanted.end)
    return conditions
