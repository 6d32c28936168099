"""A score server with 1,000,000 users: how long until it is ready, and how much memory it takes."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import track

from scorewire_server.score.main import open_database
from scorewire_server.score.rules import SAMPLES, load_rules
from scorewire_server.settings import Settings
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import NewAward

USERS = 1_000_000
_TRANSACTION = 5_000


def fill(data: Path, users: int) -> None:
    """Gives each of `users` users an award of 1 to 100,000 points, through the ledger as a server would."""
    boards = (load_rules(SAMPLES).default_board,)
    points = random.Random(1)
    with _ledger(data) as ledger:
        for start in track(range(0, users, _TRANSACTION), f"{users:,} users"):
            numbers = range(start, min(start + _TRANSACTION, users))
            ledger.append([_award(number, points.randint(1, 100_000), boards) for number in numbers], {})


@contextmanager
def _ledger(data: Path) -> Iterator[Ledger]:
    with open_database(Settings(data_dir=data)) as database:
        yield Ledger(database)


def _award(number: int, points: int, boards: tuple[str, ...]) -> NewAward:
    return NewAward(
        award_id=f"fill-{number:020d}",
        user_id=f"user{number}",
        action_type="dice.roll",
        points=points,
        boards=boards,
        kind="internal",
        awarded_at=1_700_000_000_000,
    )
