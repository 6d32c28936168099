"""The journal on both databases: an action goes forward only, and of two the first one stands."""

import threading
import time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from scorewire_server.storage.database import Database
from scorewire_server.storage.journal.inspection import JournalInspection
from scorewire_server.storage.journal.journal import JOURNAL, Journal
from scorewire_server.storage.journal.records import FURTHEST_MS, SLACK_MS, TOLD_MS, Backlog, Stage
from scorewire_server.storage.journal.tables import metadata
from tests.entries import NOW, claim, delivered, done

OPTIONS = {"compare_type": True, "compare_server_default": True, "version_table": JOURNAL.version_table}


def claim_of(entry):
    return entry._replace(stage=Stage.CLAIMED, ending="", data="", points=0, award_id="", due=None)


def interrupted(entry):
    return entry._replace(stage=Stage.ENDED, ending="interrupted")


def test_migrations_make_the_table_of_the_code(journal_database):
    with journal_database.reading() as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, metadata) == []


def test_both_servers_may_keep_their_tables_in_one_database(journal_database, database_url):
    ledger = Database(database_url)
    ledger.migrate()
    journal_database.migrate()
    ledger.close()
    assert Journal(journal_database).record([entry := claim()]) == [entry]


def test_servers_that_start_together_migrate_one_after_the_other(postgres_url):
    databases = [Database(postgres_url, JOURNAL) for _ in range(4)]
    starting = [threading.Thread(target=database.migrate) for database in databases]
    for each in starting:
        each.start()
    for each in starting:
        each.join()
    for database in databases:
        assert Journal(database).owed(NOW, 1) == []
        database.close()


def test_an_action_is_claimed_once(journal):
    first, second = claim("ada", "r1"), claim("ada", "r1")
    assert journal.record([first]) == [first]
    assert journal.record([second]) == [first]
    assert journal.record([first]) == [first]


def test_an_action_is_known_by_its_user_and_its_request_id(journal):
    entries = [claim("ada", "r1"), claim("ada", "r2"), claim("bob", "r1")]
    assert journal.record(entries) == entries
    assert journal.record([entry._replace(action_id="another") for entry in entries]) == entries


def test_what_an_action_led_to_stands(journal):
    entry = claim()
    journal.record([entry])
    ended = done(entry, display_name=None)
    assert journal.record([ended]) == [ended]
    assert journal.record([claim(entry.user_id, entry.request_id), interrupted(entry), ended]) == [ended] * 3
    settled = delivered(ended, 12)
    assert journal.record([settled]) == [settled]
    assert journal.record([ended, delivered(ended, 99)]) == [settled] * 2


def test_of_two_endings_the_first_one_stands(journal):
    entry = claim()
    journal.record([entry])
    assert journal.record([interrupted(entry)]) == [interrupted(entry)]
    assert journal.record([done(entry)]) == [interrupted(entry)]
    assert journal.owed(NOW, 10) == []


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "backward"])
def test_one_action_in_one_transaction_goes_as_far_as_it_came(journal, forward):
    entry = claim()
    stages = [entry, done(entry), delivered(done(entry))]
    assert journal.record(stages if forward else stages[::-1]) == [stages[-1]] * 3


def test_many_actions_at_once_and_again(journal):
    entries = [done(claim(f"user-{number}"), points=number) for number in range(1000)]
    assert journal.record(entries) == entries
    assert journal.record(entries[500:] + entries[:500]) == entries[500:] + entries[:500]


def test_values_of_every_kind_come_back_as_they_were(journal):
    odd = done(claim("a.b:c@d-e_", "x" * 64, display_name="Zoë 🎲"), points=-(2**31))
    odd = odd._replace(data='"' + "ü\\" * 20_000 + '"', rejection='{"reason":"X"}', score=-(2**60))
    journal.record([odd])
    assert journal.record([claim("a.b:c@d-e_", "x" * 64)]) == [odd]


def test_awards_are_owed_until_they_are_settled_in_the_order_of_their_actions(journal):
    entries = [done(claim(user_id), due=NOW + due) for user_id, due in (("ada", 20), ("bob", 10), ("cyd", 0))]
    for entry in (*(claim_of(entry) for entry in entries), *entries[::-1]):
        journal.record([entry])
    first, second, third = entries
    assert journal.owed(NOW + 20, 10) == [first, second, third]
    assert journal.owed(NOW + 20, 2) == [first, second]
    assert journal.owed(NOW + 10, 10) == [second, third]
    assert journal.backlog(NOW + 10) == Backlog(2, NOW)
    journal.record([delivered(second)])
    assert journal.owed(NOW + 10, 10) == [third]
    assert journal.backlog(NOW - 1) == Backlog(0, None)


def test_behind_an_award_that_is_not_due_those_of_its_user_wait(journal):
    first, bad, later, other = entries = [done(claim(user_id)) for user_id in ("ada", "ada", "ada", "bob")]
    for entry in entries:
        journal.record([entry])
    journal.postpone([bad.key], NOW + 5)
    assert journal.owed(NOW, 10) == [first, other]
    assert journal.owed(NOW, 1) == [first]
    bad = bad._replace(due=NOW + 5)
    assert journal.owed(NOW + 5, 10) == [first, bad, later, other]
    journal.record([delivered(bad)])
    assert journal.owed(NOW, 10) == [first, later, other]


def test_an_award_does_not_wait_until_a_clock_that_was_set_back_has_caught_up(journal):
    ahead, other = done(claim("ada"), due=NOW + FURTHEST_MS + 1), done(claim("ada"), due=NOW)
    for entry in (ahead, other):
        journal.record([entry])
    assert journal.owed(NOW + 1, 10) == [], "it may have been put off for so long"
    assert journal.owed(NOW, 10) == [ahead, other]
    assert journal.backlog(NOW).awards == 2


def test_awards_can_be_put_off_and_taken_up_as_long_as_they_are_owed(journal):
    owed, other, settled = done(claim()), done(claim("bob", "it's")), done(claim())
    journal.record([owed, other, settled])
    journal.record([delivered(settled)])
    journal.postpone([owed.key, settled.key], NOW + 5)
    assert journal.owed(NOW, 10) == [other]
    journal.postpone([owed.key, other.key], NOW - 5)
    assert [entry.key for entry in journal.owed(NOW - 5, 10)] == [owed.key, other.key]


def test_old_actions_are_forgotten_but_none_that_is_owed(journal):
    old, owed = [claim(claimed_at=NOW - 10) for _ in range(5)], done(claim(claimed_at=NOW - 10))
    new = claim(claimed_at=NOW)
    journal.record([*old, owed, new])
    assert journal.prune(NOW, 3) == 3
    assert journal.prune(NOW, 3) == 2
    assert journal.prune(NOW, 3) == 0
    again = claim(owed.user_id, owed.request_id)
    assert journal.record([again, claim(new.user_id, new.request_id)]) == [owed, new]
    journal.record([delivered(owed)])
    assert journal.prune(NOW, 3) == 1
    assert journal.record([again]) == [again]


def test_it_says_since_when_it_knows_every_action(journal):
    def knows_since() -> int:
        with journal._database.reading() as connection:
            return JournalInspection(connection).knows_since()

    assert 0 <= time.time() * 1000 - knows_since() < 3_600_000  # when it was made
    journal.record([claim(claimed_at=NOW - 10), done(claim(claimed_at=NOW))])
    assert journal.prune(NOW - 10, 3) == 0
    assert knows_since() < NOW - 10
    assert journal.prune(NOW, 3) == 1
    assert knows_since() == NOW + TOLD_MS + SLACK_MS
    journal.record([claim(claimed_at=NOW - 20)])
    assert journal.prune(NOW - 10, 3) == 1
    assert knows_since() == NOW + TOLD_MS + SLACK_MS


def test_of_many_servers_one_claims(postgres_url):
    databases = [Database(postgres_url, JOURNAL) for _ in range(4)]
    databases[0].migrate()
    requests = [f"r{number}" for number in range(50)]
    answers: dict[int, list] = {}

    def run(server: int) -> None:
        # Each in an order of its own, which must not make them wait for each other in a circle.
        mine = [claim("ada", request) for request in (requests if server % 2 else requests[::-1])]
        found = Journal(databases[server]).record(mine)
        answers[server] = [entry.request_id for entry, own in zip(found, mine, strict=True) if entry == own]

    threads = [threading.Thread(target=run, args=(server,)) for server in range(len(databases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(request for claimed in answers.values() for request in claimed) == sorted(requests)
    for database in databases:
        database.close()
