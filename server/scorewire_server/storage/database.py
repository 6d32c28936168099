"""The database behind the ledger: SQLite or PostgreSQL by URL, migrated at start, with one writer at a time."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from scorewire_server.errors import StartError, StorageUnavailable

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an award is durable before anybody is told of it
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-32768",
)


class DatabaseInUseError(StartError):
    """Another score server has this database."""


class Database:
    """Connections to one database. Raises StorageUnavailable where it does not answer."""

    def __init__(self, url: str | sa.URL) -> None:
        self.url = sa.make_url(url)
        # Positional parameters, so that the hot statements take the same tuples on both databases.
        options: dict[str, Any] = {} if self.is_sqlite else {"paramstyle": "format", "pool_pre_ping": True}
        self.engine = sa.create_engine(self.url, **options)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that reads one state of the database."""
        with _unavailable_when_it_fails(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that writes; it is durable when the block has ended."""
        with _unavailable_when_it_fails(), self.engine.connect() as connection:
            writer = connection.execution_options(scorewire_begin="BEGIN IMMEDIATE")
            with writer.begin():
                yield writer

    def migrate(self) -> None:
        """Brings the tables to the newest version."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keeps every other score server away while entered. Raises DatabaseInUseError."""
        with self._locked_file() if self.is_sqlite else self._advisory_lock():
            yield

    @contextmanager
    def _locked_file(self) -> Iterator[None]:
        with Path(f"{self.url.database}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _in_use(self.url) from None
            yield

    @contextmanager
    def _advisory_lock(self) -> Iterator[None]:
        number = int.from_bytes(hashlib.sha256(b"scorewire score server").digest()[:8], signed=True)
        with _unavailable_when_it_fails(), self.engine.connect() as connection:
            if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number))):
                raise _in_use(self.url)
            connection.commit()
            yield

    def shown_url(self) -> str:
        """The URL without its password."""
        return self.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def _in_use(url: sa.URL) -> DatabaseInUseError:
    return DatabaseInUseError(f"another score server uses {url!r}: stop it, or give this one a database of its own")


@contextmanager
def _unavailable_when_it_fails() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as failure:
        raise StorageUnavailable(
            "the database did not take the request, or its answer was lost; call again with the same ticket or award_id"
        ) from failure


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, and not by themselves
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("scorewire_begin", "BEGIN"))
