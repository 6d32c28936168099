"""A ledger on SQLite, with the boards that show it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger

BOARDS = ("main", "dice")


@pytest.fixture
def ledger_url(tmp_path: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(tmp_path / "score.db"))


@pytest.fixture
def ledger(ledger_url: sa.URL) -> Iterator[Ledger]:
    database = Database(ledger_url)
    database.migrate()
    yield Ledger(database)
    database.close()


@pytest.fixture
def scoreboard(ledger: Ledger) -> Scoreboard:
    made = Scoreboard(BOARDS, "main", ledger.database_id())
    made.load(ledger)
    return made
