"""Databases of both kinds, migrated."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from scorewire_server.storage.database import Database
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
