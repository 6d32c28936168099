"""The ledger: every award in order, append-only, with the standings it adds up to."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import sqlalchemy as sa

from scorewire_server.errors import Refusal
from scorewire_server.storage.chain import next_hash
from scorewire_server.storage.database import Database
from scorewire_server.storage.fold import Fold, Key
from scorewire_server.storage.limits import Allowance, Pasts
from scorewire_server.storage.records import Appended, Award, NewAward, Recorded, StandingRow
from scorewire_server.storage.statements import AWARD, NAME, STANDING, Statements
from scorewire_server.storage.tables import awards, ledger, standings, users

_READ_ROWS = 10_000


class Ledger:
    """Awards in, awards and standings out. Every method raises StorageUnavailable where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = Statements(database.engine.dialect)
        self._pasts = Pasts(database.engine.dialect, self._statements.many)

    def append(self, new: Sequence[NewAward], known_names: Mapping[str, str]) -> Appended:
        """Records new awards, and the names of users that are not the known ones, in one transaction.

        An `award_id` that is there already, in the ledger or earlier in `new`, is not recorded again and changes
        nothing. One that the rules of plausibility do not allow is refused alone.
        """
        with self._database.writing() as connection:
            position, last_hash = connection.exec_driver_sql(self._statements.head).one()
            known = self._awards_by_id(connection, {award.award_id for award in new})
            unknown = [award for award in new if award.award_id not in known]
            fold = Fold(self._standings_before(connection, unknown), position)
            allowance = self._pasts.of(connection, unknown)
            recorded = [_record(award, known, fold, allowance) for award in new]
            fresh = [entry.award for entry in recorded if isinstance(entry, Recorded) and entry.fresh]
            if fresh:
                acted_at = {award.award_id: award.limited.acted_at for award in unknown if award.limited}
                self._write_awards(connection, fresh, acted_at, last_hash)
                self._statements.upsert_standings(connection, list(fold.changed.values()))
            names = _new_names(new, recorded, known_names)
            if names:
                self._statements.upsert_users(connection, list(names.items()))
        return Appended(position, fold.position, recorded, list(fold.changed.values()), names)

    def _write_awards(
        self, connection: sa.Connection, fresh: Sequence[Award], acted_at: Mapping[str, int], last_hash: bytes
    ) -> None:
        rows = []
        for award in fresh:
            last_hash = next_hash(last_hash, award)
            rows.append((*award, last_hash, acted_at.get(award.award_id)))
        self._statements.insert_awards(connection, rows)
        connection.exec_driver_sql(self._statements.move_head, (fresh[-1].position, last_hash))

    def _awards_by_id(self, connection: sa.Connection, award_ids: Collection[str]) -> dict[str, Award]:
        many = self._statements.many
        result = connection.exec_driver_sql(self._statements.awards_by_id, (many.ids(award_ids),))
        return {award.award_id: award for award in map(Award._make, many.rows(result))}

    def _standings_before(self, connection: sa.Connection, new: Sequence[NewAward]) -> dict[Key, StandingRow]:
        users_of_board: dict[str, set[str]] = {}
        for award in new:
            for board_id in award.boards:
                users_of_board.setdefault(board_id, set()).add(award.user_id)
        many, found = self._statements.many, {}
        for board_id, user_ids in users_of_board.items():
            result = connection.exec_driver_sql(self._statements.standings_of, (board_id, many.ids(user_ids)))
            for standing in map(StandingRow._make, many.rows(result)):
                found[board_id, standing.user_id] = standing
        return found

    def database_id(self) -> str:
        """What tells this database from every other."""
        with self._database.reading() as connection:
            return str(connection.scalar(sa.select(ledger.c.database_id)))

    def position(self) -> int:
        """The position of the newest award; 0 while there is none."""
        with self._database.reading() as connection:
            return int(connection.scalar(sa.select(ledger.c.position)) or 0)

    def standings(self, board_id: str) -> Iterator[StandingRow]:
        """Every standing of a board, in no order."""
        statement = STANDING.where(standings.c.board_id == board_id)
        for row in self._stream(statement):
            yield StandingRow._make(row)

    def changed_after(self, position: int) -> tuple[list[StandingRow], dict[str, str]]:
        """The standings and the names of users with an award after `position`, as they are now."""
        touched = sa.select(awards.c.user_id).where(awards.c.position > position)
        rows = self._stream(STANDING.where(standings.c.user_id.in_(touched)))
        named = self._stream(NAME.where(users.c.user_id.in_(touched)))
        return [StandingRow._make(row) for row in rows], {row.user_id: row.display_name for row in named}

    def awards(self, after: int = 0) -> Iterator[Award]:
        """The awards after a position, in order."""
        for row in self._stream(AWARD.where(awards.c.position > after).order_by(awards.c.position)):
            yield Award._make(row)

    def names(self) -> Iterator[tuple[str, str]]:
        """User id and display name of every user that has one."""
        for row in self._stream(NAME):
            yield row.user_id, row.display_name

    def _stream(self, statement: sa.Select[*tuple[object, ...]]) -> Iterator[sa.Row[*tuple[object, ...]]]:
        with self._database.reading() as connection:
            streaming = connection.execution_options(yield_per=_READ_ROWS)
            with streaming.execute(statement) as result:
                for rows in result.partitions():
                    yield from rows


def _new_names(
    new: Sequence[NewAward], recorded: Sequence[Recorded | Refusal], known_names: Mapping[str, str]
) -> dict[str, str]:
    counted = [n for n, r in zip(new, recorded, strict=True) if isinstance(r, Recorded) and r.fresh]
    asked = {award.user_id: award.display_name for award in counted if award.display_name}
    return {user_id: name for user_id, name in asked.items() if known_names.get(user_id) != name}


def _record(new: NewAward, known: dict[str, Award], fold: Fold, allowance: Allowance) -> Recorded | Refusal:
    award = known.get(new.award_id)
    if award is not None:
        return Recorded(award, fresh=False)
    refused = allowance.refusal(new)
    if refused:
        return refused
    allowance.give(new)
    known[new.award_id] = award = fold.add(new)
    return Recorded(award, fresh=True)
