"""The ledger: every award and decision in order, append-only, with the standings and restrictions they add up to."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import sqlalchemy as sa

from scorewire_server.storage.chain import GENESIS, next_hash
from scorewire_server.storage.database import Database
from scorewire_server.storage.decisions import DECIDED, is_redundant, refusal
from scorewire_server.storage.fence import check_holder
from scorewire_server.storage.fold import Fold, Key
from scorewire_server.storage.limits import Allowance, Pasts
from scorewire_server.storage.records import (
    Appended,
    AuditEvent,
    Award,
    NewAward,
    Newest,
    Outcome,
    Recorded,
    Restriction,
    StandingRow,
)
from scorewire_server.storage.restricted import Restricted
from scorewire_server.storage.statements import AWARD, NAME, RESTRICTION, STANDING, Head, Statements
from scorewire_server.storage.tables import awards, ledger, restrictions, standings, users
from scorewire_server.storage.voids import void_id

_READ_ROWS = 10_000


class Ledger:
    """Awards in, awards and standings out. Every method raises StorageUnavailable where the database fails.

    What writes raises TakenOver where another server has the database now.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = Statements(database.engine.dialect)
        self._restricted = Restricted()
        self._pasts = Pasts(database.engine.dialect, self._statements.many)

    def append(self, new: Sequence[NewAward], known_names: Mapping[str, str]) -> Appended:
        """Records new awards, and the names of users that are not the known ones, in one transaction.

        An `award_id` that is there already, in the ledger or earlier in `new`, is not recorded again and changes
        nothing. What the rules of plausibility do not allow, an award of a user who is blocked, and a
        decision that there is no need of, or that knows nothing of a newer one, are left out alone.
        """
        with self._database.writing() as connection:
            head = Head._make(connection.exec_driver_sql(self._statements.head).one())
            check_holder(self._database, head.holder)
            known = self._awards_by_id(connection, {award.award_id for award in new})
            if known:  # only what comes again can have been voided
                known |= self._awards_by_id(connection, {void_id(award_id) for award_id in known})
            unknown = [award for award in new if award.award_id not in known]
            restricted = self._restricted.at(connection, head.database_id, head.decided_position)
            fold = Fold(self._standings_before(connection, unknown), restricted, head.position)
            allowance = self._pasts.of(connection, unknown)
            recorded = [_record(award, known, fold, allowance) for award in new]
            fresh = [entry.award for entry in recorded if isinstance(entry, Recorded) and entry.fresh]
            newest = Newest(head.position, 0, bytes(head.hash))
            if fresh:
                newest = self._write_awards(connection, fresh, {award.award_id: award for award in unknown}, head)
                self._take_back(connection, unknown)
                self._write_fold(connection, fold)
            names = _new_names(new, recorded, known_names)
            if names:
                self._statements.upsert_users(connection, list(names.items()))
        standings, decided = list(fold.changed.values()), list(fold.decided.values())
        return Appended(head.position, newest, recorded, standings, decided, names)

    def _write_awards(
        self, connection: sa.Connection, fresh: Sequence[Award], asked: Mapping[str, NewAward], head: Head
    ) -> Newest:
        rows, last_hash = [], head.hash
        for award in fresh:
            last_hash = next_hash(last_hash, award)
            limited = asked[award.award_id].limited
            rows.append((*award, last_hash, limited.acted_at if limited else None))
        self._statements.insert_awards(connection, rows)
        connection.exec_driver_sql(self._statements.move_head, (fresh[-1].position, last_hash))
        if decisions := [_told(award, asked[award.award_id]) for award in fresh if award.kind in DECIDED]:
            self._statements.insert_audit(connection, decisions)
        return Newest(fresh[-1].position, fresh[-1].awarded_at, last_hash)

    def _take_back(self, connection: sa.Connection, new: Sequence[NewAward]) -> None:
        """Leaves what is voided out of what cooldowns and caps count."""
        if voided := [award.voids for award in new if award.voids]:
            connection.execute(awards.update().where(awards.c.award_id.in_(voided)).values(acted_at=None))

    def _write_fold(self, connection: sa.Connection, fold: Fold) -> None:
        if fold.changed:
            self._statements.upsert_standings(connection, list(fold.changed.values()))
        if fold.decided:
            self._statements.upsert_restrictions(connection, list(fold.decided.values()))
            connection.execute(ledger.update().values(decided_position=max(d.position for d in fold.decided.values())))

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

    def newest(self) -> Newest:
        """The newest row; zeros while there is none."""
        columns = (awards.c.position, awards.c.awarded_at, awards.c.hash)
        with self._database.reading() as connection:
            row = connection.execute(sa.select(*columns).where(awards.c.position == ledger.c.position)).one_or_none()
        return Newest(row.position, row.awarded_at, bytes(row.hash)) if row else Newest(0, 0, GENESIS)

    def standings(self, board_id: str) -> Iterator[StandingRow]:
        """Every standing of a board, in no order."""
        statement = STANDING.where(standings.c.board_id == board_id)
        for row in self._stream(statement):
            yield StandingRow._make(row)

    def restricted(self) -> list[Restriction]:
        """Every user that is not clear."""
        found = map(Restriction._make, self._stream(RESTRICTION))
        return [restriction for restriction in found if not restriction.shown]

    def changed_after(self, position: int) -> tuple[list[StandingRow], list[Restriction], dict[str, str]]:
        """The standings, the restrictions and the names of users with a row after `position`, as they are now."""
        touched = sa.select(awards.c.user_id).where(awards.c.position > position)
        rows = self._stream(STANDING.where(standings.c.user_id.in_(touched)))
        named = self._stream(NAME.where(users.c.user_id.in_(touched)))
        decided = self._stream(RESTRICTION.where(restrictions.c.position > position))
        return (
            [StandingRow._make(row) for row in rows],
            [Restriction._make(row) for row in decided],
            {row.user_id: row.display_name for row in named},
        )

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


def _new_names(new: Sequence[NewAward], recorded: Sequence[Outcome], known_names: Mapping[str, str]) -> dict[str, str]:
    counted = [n for n, r in zip(new, recorded, strict=True) if isinstance(r, Recorded) and r.fresh]
    asked = {award.user_id: award.display_name for award in counted if award.display_name}
    return {user_id: name for user_id, name in asked.items() if known_names.get(user_id) != name}


def _is_outdated(new: NewAward, fold: Fold) -> bool:
    return new.as_of is not None and fold.restriction(new.user_id).position > new.as_of


def _told(award: Award, asked: NewAward) -> AuditEvent:
    address = asked.provenance.address if asked.provenance else None
    about = (award.user_id, award.actor, address)
    return AuditEvent(award.kind, award.reason or "", *about, award_id=award.award_id, at=award.awarded_at)


def _record(new: NewAward, known: dict[str, Award], fold: Fold, allowance: Allowance) -> Outcome:
    award = known.get(new.award_id)
    if award is not None:
        return Recorded(award, fresh=False, void=known.get(void_id(award.award_id)))
    state = fold.state(new.user_id)
    if is_redundant(state, new.kind) or _is_outdated(new, fold):
        return fold.restriction(new.user_id)
    refused = refusal(state, new.user_id, new.kind) or allowance.refusal(new)
    if refused:
        return refused
    allowance.give(new)
    known[new.award_id] = award = fold.add(new)
    return Recorded(award, fresh=True)
