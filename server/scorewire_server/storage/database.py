"""The database behind a server: SQLite or PostgreSQL by URL, migrated at start."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError

from scorewire_server.errors import StartError, StorageUnavailable

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_LOCK_SECONDS = 2
_LOCK_NOT_AVAILABLE = "55P03"
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an award is durable before anybody is told of it
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-32768",
)
# The same on PostgreSQL, where a server, a role or a database may be set to answer before the disk has a commit.
_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"


class Schema(NamedTuple):
    """What is in a database: the server that it is of, the folder of its migrations, and where they note the version.

    Several servers may have a database of a `shareable` schema together, as far as the database can be reached by them.
    """

    server: str
    migrations: Path
    version_table: str
    shareable: bool


LEDGER = Schema("score", Path(__file__).parent / "migrations", "alembic_version", shareable=False)


class DatabaseInUseError(StartError):
    """Another server has this database."""


class DatabaseMistake(StartError):
    """A database that this version of Scorewire cannot use."""


class DatabaseDamaged(StartError):
    """A file that is no database, or one with wrong bytes in it."""


class Database:
    """Connections to one database. Raises StorageUnavailable where it does not answer, DatabaseDamaged."""

    def __init__(self, url: str | sa.URL, schema: Schema = LEDGER) -> None:
        """Connects to nothing yet. Raises DatabaseMistake."""
        self.url = _supported(url)
        self.schema = schema
        self.holder: str | None = None
        # Positional parameters, so that the hot statements take the same tuples on both databases.
        options: dict[str, Any] = {} if self.is_sqlite else {"paramstyle": "format", "pool_pre_ping": True}
        self.engine = sa.create_engine(self.url, **options)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            sa.event.listen(self.engine, "connect", _set_up_postgres)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that reads one state of the database."""
        with _unavailable_when_it_fails(), self.engine.connect() as connection:
            reader = connection if self.is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")
            with reader.begin():
                yield reader

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that writes; it is durable when the block has ended."""
        with _unavailable_when_it_fails(), self.engine.connect() as connection:
            writer = connection.execution_options(scorewire_begin="BEGIN IMMEDIATE")
            with writer.begin():
                yield writer

    def check_exists(self) -> None:
        """Raises DatabaseMistake where connecting would make a database."""
        if self.is_sqlite and not Path(str(self.url.database)).exists():
            missing = (
                f"there is no database {self.shown_url()}; the {self.schema.server} server makes it when it starts"
            )
            raise DatabaseMistake(missing)

    def check_version(self) -> None:
        """Raises DatabaseMistake where there is no database, or its tables are not of the newest version."""
        self.check_exists()
        with self.reading() as connection:
            table = {"version_table": self.schema.version_table}
            version = MigrationContext.configure(connection, opts=table).get_current_revision()
        if version != ScriptDirectory.from_config(self._migrations()).get_current_head():
            wrong = "no tables of Scorewire" if version is None else f"tables of version {version}, which is not ours"
            raise DatabaseMistake(
                f"{self.shown_url()} has {wrong}; start the {self.schema.server} server of this version on it first"
            )

    def _migrations(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(self.schema.migrations))
        config.set_main_option("version_table", self.schema.version_table)
        return config

    def migrate(self) -> None:
        """Brings the tables to the newest version. Raises DatabaseMistake where theirs is newer."""
        config = self._migrations()
        with self.writing() as connection:
            if not self.is_sqlite:  # servers that share the database may start together
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(self._lock_number("migration"))))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as unknown:
                raise DatabaseMistake(f"{self.shown_url()} is of a newer version of Scorewire: {unknown}") from unknown

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keeps every other server of the schema away while entered. Raises DatabaseInUseError, DatabaseMistake."""
        with self._locked_file() if self.is_sqlite else self._advisory_lock():
            yield

    @contextmanager
    def _locked_file(self) -> Iterator[None]:
        database = Path(str(self.url.database)).resolve()  # it may go by several names, and is one
        if database.exists() and database.stat().st_nlink > 1:
            # Each name has a log of its own, and servers of two names would write over each other's awards.
            raise DatabaseMistake(
                f"{self.shown_url()} has a hard link, and would be damaged by a server that uses it: "
                "remove the link, or make it a copy"
            )
        with Path(f"{database}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self._in_use() from None
            yield

    @contextmanager
    def _advisory_lock(self) -> Iterator[None]:
        with _unavailable_when_it_fails(), self.engine.connect() as connection:
            connection.detach()  # back in the pool it would keep the lock
            # PostgreSQL takes a moment to notice that the server before this one has gone.
            connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
            try:
                connection.execute(sa.select(sa.func.pg_advisory_lock(self._lock_number("server"))))
            except OperationalError as failure:
                if getattr(failure.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                    raise self._in_use() from None
                raise
            connection.commit()
            yield

    def _lock_number(self, purpose: str) -> int:
        name = f"scorewire {self.schema.server} {purpose}"
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)

    def _in_use(self) -> DatabaseInUseError:
        return DatabaseInUseError(
            f"another {self.schema.server} server uses {self.url!r}: stop it, or give this one a database of its own"
        )

    def shown_url(self) -> str:
        """The URL without its password."""
        return self.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def _supported(url: str | sa.URL) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise DatabaseMistake("the database's URL is none; it looks like postgresql://user@host/database") from None
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise DatabaseMistake(f"no database of the kind {parsed.drivername}: there are {' and '.join(_DRIVERS)}")
    return parsed.set(drivername=driver)


@contextmanager
def _unavailable_when_it_fails() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as failure:
        raise StorageUnavailable(
            "the database did not take the request, or its answer was lost; "
            "call again with the same ticket, award_id or request_id"
        ) from failure
    except DatabaseError as failure:
        if type(failure) is not DatabaseError:
            raise  # such as IntegrityError, which is a fault of ours
        problem = f"the database is damaged: {failure.orig}; stop the server and bring back a copy"
        raise DatabaseDamaged(problem) from failure


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, and not by themselves
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _set_up_postgres(connection: Any, _: Any) -> None:
    connection.execute(_DURABLE)
    connection.commit()


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("scorewire_begin", "BEGIN"))
