"""Ledgers and journals on databases of both kinds, migrated."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from scorewire_server.storage.database import Database
from scorewire_server.storage.journal.journal import JOURNAL, Journal
from scorewire_server.storage.ledger import Ledger


@pytest.fixture
def database(database_url: sa.URL) -> Iterator[Database]:
    opened = Database(database_url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def journal_database(database_url: sa.URL) -> Iterator[Database]:
    opened = Database(database_url, JOURNAL)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def journal(journal_database: Database) -> Journal:
    return Journal(journal_database)
