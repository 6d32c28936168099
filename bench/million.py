"""The databases of 1,000,000 users: a ledger with an award of each, and a journal with the actions that earned them."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import track

from scorewire_server.score.main import open_database
from scorewire_server.score.rules import SAMPLES, load_rules
from scorewire_server.settings import Settings
from scorewire_server.storage.journal.journal import JOURNAL, Journal
from scorewire_server.storage.journal.records import Entry, Stage
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.opening import journal_url, opened
from scorewire_server.storage.records import NewAward
from scorewire_server.tokens.fingerprint import fingerprint

USERS = 1_000_000
_TRANSACTION = 5_000
_BEGUN = 1_700_000_000_000


def fill(data: Path, users: int) -> None:
    """Gives each of `users` users an award of 1 to 100,000 points, through the ledger as a server would."""
    boards = (load_rules(SAMPLES).default_board,)
    with _ledger(data) as ledger:
        for actions in _actions(users, f"{users:,} users"):
            ledger.append([_award(entry, boards) for entry in actions], {})


def fill_journal(data: Path, users: int) -> None:
    """Writes down the actions of those awards, through the journal as a server would."""
    with opened(journal_url(Settings(data_dir=data)), JOURNAL) as database:
        journal = Journal(database)
        for actions in _actions(users, f"{users:,} actions"):
            journal.record(actions)


@contextmanager
def _ledger(data: Path) -> Iterator[Ledger]:
    with open_database(Settings(data_dir=data)) as database:
        yield Ledger(database)


def _actions(users: int, what: str) -> Iterator[list[Entry]]:
    points = random.Random(1)
    for start in track(range(0, users, _TRANSACTION), what):
        numbers = range(start, min(start + _TRANSACTION, users))
        yield [_action(number, points.randint(1, 100_000)) for number in numbers]


def _action(number: int, points: int) -> Entry:
    return Entry(
        user_id=f"user{number}",
        request_id=f"{number:032x}",
        action_type="dice.roll",
        input_hash=fingerprint("null"),
        action_id=f"{number:022d}",
        display_name=None,
        delivery="internal",
        claimed_at=_BEGUN,
        stage=Stage.SETTLED,
        ending="done",
        data=f'{{"actionId":"{number:022d}","actionType":"dice.roll","result":{{"rolled":{points}}}}}',
        points=points,
        award_id=f"fill-{number:038d}",
        score=points,
        told_at=_BEGUN,
    )


def _award(action: Entry, boards: tuple[str, ...]) -> NewAward:
    return NewAward(
        award_id=action.award_id,
        user_id=action.user_id,
        action_type=action.action_type,
        points=action.points,
        boards=boards,
        kind="internal",
        awarded_at=action.claimed_at,
        actor="action",
    )
