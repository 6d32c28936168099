"""Ledgers and journals on databases of both kinds, migrated."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing

import pytest
import sqlalchemy as sa

from scorewire_server.storage.database import Database
from scorewire_server.storage.journal.journal import JOURNAL, Journal
from scorewire_server.storage.ledger import Ledger


def migrated(database: Database) -> AbstractContextManager[Database]:
    """The database with its tables, which is closed in the end."""
    database.migrate()
    return closing(database)


@pytest.fixture
def database(database_url: sa.URL) -> Iterator[Database]:
    with migrated(Database(database_url)) as database:
        yield database


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def journal_database(database_url: sa.URL) -> Iterator[Database]:
    with migrated(Database(database_url, JOURNAL)) as database:
        yield database


@pytest.fixture
def journal(journal_database: Database) -> Journal:
    return Journal(journal_database)
