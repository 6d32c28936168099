"""What a ledger lacks that was set back to a copy is found in the journals, and made pending, on both databases."""

from collections.abc import Callable

import pytest

from scorewire_server.audit.redelivery import Redelivered, Redelivery
from scorewire_server.storage.database import Database
from scorewire_server.storage.journal.journal import JOURNAL, Journal
from scorewire_server.storage.journal.records import Entry, Stage
from scorewire_server.storage.ledger import Ledger
from tests.audits import ended
from tests.awards import new_award
from tests.entries import NOW, claim, delivered, done

LATER = NOW + 1000


@pytest.fixture
def run(database: Database, journal_database: Database) -> Callable[[int | None], Redelivered]:
    return lambda due: ended(Redelivery(database, [journal_database]).run(due))[0]


def give(ledger: Ledger, *entries: Entry) -> None:
    ledger.append([new_award(entry.user_id, entry.points, award_id=entry.award_id) for entry in entries], {})


def test_what_is_missing_is_counted_and_nothing_is_changed(ledger, journal, run):
    kept, one, two, three = (delivered(done(claim(user))) for user in ("ada", "ada", "bob", "bob"))
    journal.record([kept, one, two, three])
    give(ledger, kept)
    assert run(None) == Redelivered(awards=3, users=2, points=9, pending=False)
    assert journal.owed(LATER, 10) == []


def test_what_is_missing_is_pending_in_its_order_and_as_it_was_earned(ledger, journal, run):
    kept, one, two = (delivered(done(claim(user))) for user in ("ada", "ada", "bob"))
    journal.record([kept, one, two])
    give(ledger, kept)
    assert run(LATER) == Redelivered(awards=2, users=2, points=6, pending=True)
    pending = [entry._replace(stage=Stage.ENDED, due=LATER, score=None) for entry in (one, two)]
    assert journal.owed(LATER, 10) == pending
    again = [delivered(entry, score=8) for entry in pending]
    assert journal.record(again) == again
    assert journal.owed(LATER, 10) == []


def test_twice_is_as_once(ledger, journal, run):
    journal.record([delivered(done(claim()))])
    assert run(LATER).awards == 1
    assert run(LATER) == Redelivered(awards=0, users=0, points=0, pending=True)
    assert len(journal.owed(LATER, 10)) == 1


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(claim(), id="begun"),
        pytest.param(done(claim()), id="pending"),
        pytest.param(done(claim(), points=0, due=None, award_id=""), id="nothing earned"),
        pytest.param(done(claim(delivery="ticket"), due=None), id="by ticket"),
        pytest.param(delivered(done(claim()))._replace(score=None, rejection='{"reason":"X"}'), id="refused for good"),
    ],
)
def test_what_was_not_delivered_is_left_alone(ledger, journal, run, entry):
    journal.record([entry])
    assert run(LATER).awards == 0
    assert journal.record([entry]) == [entry]


def test_each_of_several_journals_gets_its_own_back(database, ledger, journal_database, journal, tmp_path):
    other = Database(f"sqlite:///{tmp_path}/other.db", JOURNAL)
    other.migrate()
    one, two = delivered(done(claim("ada"))), delivered(done(claim("bob")))
    journal.record([one])
    Journal(other).record([two])
    assert ended(Redelivery(database, [journal_database, other]).run(LATER))[0].awards == 2
    pending = [[entry.user_id for entry in each.owed(LATER, 10)] for each in (journal, Journal(other))]
    assert pending == [["ada"], ["bob"]]
    other.close()
