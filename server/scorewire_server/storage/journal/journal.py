"""The journal: actions in, what became of them out, and the awards that are still to be delivered."""

from collections.abc import Collection, Sequence
from pathlib import Path

import orjson
import sqlalchemy as sa

from scorewire_server.storage.database import Database, Schema
from scorewire_server.storage.journal.records import SLACK_MS, TOLD_MS, Backlog, Entry, Stage
from scorewire_server.storage.journal.statements import DELIVERED, DUE, IS_DUE, OWED, Statements
from scorewire_server.storage.journal.tables import actions, journal

JOURNAL = Schema("action", Path(__file__).parent / "migrations", "journal_version", shareable=True)

Key = tuple[str, str]
"""User id, request id."""


class Journal:
    """The actions of a database. Every method raises StorageUnavailable where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = Statements(database.engine.dialect)

    def record(self, entries: Sequence[Entry]) -> list[Entry]:
        """Writes entries in one transaction; answers, in order, what the journal has under the key of each.

        An entry replaces one of an earlier stage. Where the journal has come as far already, in the database or earlier
        in `entries`, the answer is what stands there.
        """
        newest: dict[Key, Entry] = {}
        for entry in entries:
            other = newest.get(entry.key)
            if other is None or other.stage < entry.stage:
                newest[entry.key] = entry
        with self._database.writing() as connection:
            # In one order, so that servers that share the database never wait for each other in a circle.
            changed = self._statements.write(connection, [newest[key] for key in sorted(newest)])
            found = newest if changed == len(newest) else self._read(connection, newest)
        return [found[entry.key] for entry in entries]

    def has(self, key: Key) -> bool:
        """Whether there is an action of that key."""
        with self._database.reading() as connection:
            return key in self._read(connection, [key])

    def _read(self, connection: sa.Connection, keys: Collection[Key]) -> dict[Key, Entry]:
        parameters = (orjson.dumps(list(keys)).decode(),)
        rows = self._statements.many.rows(connection.exec_driver_sql(self._statements.by_keys, parameters))
        return {entry.key: entry for entry in map(Entry._make, rows)}

    def owed(self, now: int, limit: int) -> list[Entry]:
        """The awards that are due, oldest action first, but for those behind one of their user that is not due."""
        with self._database.reading() as connection:
            return [Entry._make(row) for row in connection.execute(DUE, {"now": now, "limit": limit})]

    def postpone(self, keys: Collection[Key], due: int) -> None:
        """Lets the relay deliver awards from the time `due` on, where they are still owed."""
        update = actions.update().where(OWED, self._statements.among_keys).values(due=due)
        with self._database.writing() as connection:
            connection.execute(update, {"keys": orjson.dumps(list(keys)).decode()})

    def deliver_again(self, keys: Collection[Key], due: int) -> None:
        """Makes awards that were delivered pending again: ScoreService has lost them. The one way back of an action."""
        update = actions.update().where(DELIVERED, self._statements.among_keys)
        with self._database.writing() as connection:
            again = update.values(stage=Stage.ENDED, due=due, score=None)
            connection.execute(again, {"keys": orjson.dumps(list(keys)).decode()})

    def backlog(self, now: int) -> Backlog:
        """What is due."""
        summed = sa.select(sa.func.count(), sa.func.min(actions.c.claimed_at)).where(IS_DUE)
        with self._database.reading() as connection:
            return Backlog(*connection.execute(summed, {"now": now}).one())

    def tell(self, keys: Collection[Key], now: int) -> None:
        """Notes that actions may lead to awards now, long after they were begun."""
        update = actions.update().where(self._statements.among_keys).values(told_at=now)
        with self._database.writing() as connection:
            connection.execute(update, {"keys": orjson.dumps(list(keys)).decode()})

    def prune(self, before: int, limit: int) -> int:
        """Forgets actions told of before a time, `limit` at most, but none that is owed; says how many."""
        old = sa.select(actions.c.number).where(actions.c.told_at < before, ~OWED).limit(limit)
        knows_since = before + TOLD_MS + SLACK_MS
        with self._database.writing() as connection:
            forgotten = connection.execute(actions.delete().where(actions.c.number.in_(old))).rowcount
            if forgotten:
                moved = journal.update().where(journal.c.knows_since < knows_since).values(knows_since=knows_since)
                connection.execute(moved)
        return forgotten
