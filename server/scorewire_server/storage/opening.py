"""Opens a server's database as the settings say."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy as sa

from scorewire_server.errors import StartError, StorageUnavailable
from scorewire_server.files import read_secret
from scorewire_server.secret_values import secret_in
from scorewire_server.settings import ServerSettings, Settings
from scorewire_server.storage.database import Database, Schema


def chosen_url(server: ServerSettings, file: Path) -> str | sa.URL:
    """The URL in the settings or in their file; by default SQLite in `file`. Raises SecretExposed, OSError."""
    if server.database_url_file:
        return _url_in(server.database_url_file)
    if server.database_url:
        return server.database_url
    return sa.URL.create("sqlite", database=str(file))


def _url_in(file: Path) -> str:
    url = file.read_text().strip()
    if secret_in(url):
        read_secret(file)  # it refuses a file that others can read
    return url


def journal_url(settings: Settings) -> str | sa.URL:
    """Where the journal is. Raises OSError."""
    return chosen_url(settings.action, settings.data_dir / "action.db")


@contextmanager
def opened(url: str | sa.URL, schema: Schema) -> Iterator[Database]:
    """The migrated database, closed at the end; for this server alone unless it can be shared.

    The folder of an SQLite database is made, not those above it: a mistyped path is an error.
    Raises StartError and OSError.
    """
    database = Database(url, schema)
    if database.is_sqlite:
        Path(str(database.url.database)).parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with ExitStack() as stack:
            _lock_and_migrate(database, stack)
            yield database
    finally:
        database.close()


def _lock_and_migrate(database: Database, stack: ExitStack) -> None:
    try:
        if database.is_sqlite or not database.schema.shareable:
            stack.enter_context(database.exclusive())
        database.migrate()
    except StorageUnavailable as failure:
        raise StartError(f"the database {database.shown_url()} does not answer: {failure.__cause__}") from failure
