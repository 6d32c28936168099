"""The journal and the ledger are held against each other: what is in one of them alone is named, on both databases."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from scorewire_server.audit.journal import Journals
from scorewire_server.audit.verify import Verification, Verified
from scorewire_server.storage.database import Database
from scorewire_server.storage.journal.journal import JOURNAL, Journal
from scorewire_server.storage.journal.records import SLACK_MS, TOLD_MS, Entry
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import NewAward
from scorewire_server.storage.voids import void_id
from tests.audits import ended, wrong
from tests.awards import new_award
from tests.damage import Damage
from tests.entries import NOW, claim, delivered, done

LATER = NOW + 1000
REFUSED = '{"reason":"POINTS_OUT_OF_BOUNDS","message":"too many","metadata":{}}'


@pytest.fixture
def journal_database(journal_database: Database) -> Database:
    since(journal_database, NOW)
    return journal_database


@pytest.fixture
def check(database: Database, journal_database: Database) -> Callable[[], Verified]:
    return lambda: ended(Verification(database, None, "built", Journals([journal_database])).run())[0]


def since(database: Database, time: int) -> None:
    Damage((f"UPDATE journal SET knows_since = {time}",), {}).do(database.url)


def found(verified: Verified) -> dict[str, list[object]]:
    """What the two checks have found: how many rows, and the first."""
    checks = [check for check in verified.checks if check.name in ("journal", "origins")]
    return {check.name: [check.wrong, str(check.first)] for check in checks if check.first}


def award_of(entry: Entry, **others: object) -> NewAward:
    """The award that an action has earned."""
    values = {
        "user_id": entry.user_id,
        "points": entry.points,
        "award_id": entry.award_id,
        "action_type": entry.action_type,
        "kind": entry.delivery,
        "actor": "action" if entry.delivery == "internal" else None,
        "awarded_at": LATER,
    }
    return new_award(**(values | others))


def settled(entry: Entry, journal: Journal, ledger: Ledger) -> Entry:
    """The action, with its award in the ledger and the score in the journal."""
    (recorded,) = ledger.append([award_of(entry)], {}).recorded
    (entry,) = journal.record([delivered(entry, recorded.award.score)])
    return entry


UNDELIVERED = {
    "pending": done(claim()),
    "refused for good": done(claim(), due=None, rejection=REFUSED),
    "not redeemed": done(claim(delivery="ticket"), due=None),
    "nothing earned": done(claim(), points=0, due=None),
    "claimed": claim(),
    "refused by its handler": claim()._replace(stage=2, ending="refused", data="{}"),
    "interrupted": claim()._replace(stage=2, ending="interrupted"),
}


@pytest.mark.parametrize("entry", UNDELIVERED.values(), ids=UNDELIVERED)
def test_an_action_without_an_award_may_be(check, journal, entry):
    journal.record([entry])
    assert check().right


def test_awards_of_actions_and_direct_ones_are_right(check, journal, ledger, database_url):
    settled(done(claim("ada")), journal, ledger)
    settled(done(claim("ada"), points=7), journal, ledger)
    pending, ticket = done(claim("bob")), done(claim("bob", delivery="ticket"), due=None)
    journal.record([pending, ticket])
    ledger.append([award_of(pending), award_of(ticket, points=9), new_award("eve", actor="ops", awarded_at=LATER)], {})
    verified = check()
    assert (found(verified), verified.right) == ({}, True)
    assert verified.journal.startswith("read from ")
    assert verified.journal.endswith(", 4 actions that earned points")


@pytest.mark.parametrize(("score", "is_right"), [(3, True), (2, True), (1, False)], ids=["award", "void", "neither"])
def test_a_delivery_that_was_repeated_after_a_void_may_have_led_to_the_void_s_score(
    check, journal, ledger, score, is_right
):
    ledger.append([new_award("ada", 2, awarded_at=LATER)], {})
    entry = done(claim("ada"), points=1)
    award = award_of(entry)
    (recorded,) = ledger.append([award], {}).recorded
    taken_back = {"kind": "void", "points": -1, "voids": award.award_id, "reason": "by mistake", "actor": "ops"}
    void = award._replace(award_id=void_id(award.award_id), **taken_back)
    (voided,) = ledger.append([void], {}).recorded
    assert (recorded.award.score, voided.award.score) == (3, 2)
    journal.record([delivered(entry, score)])
    verified = check()
    assert verified.right == is_right
    assert found(verified).keys() == (set() if is_right else {"journal"})


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        pytest.param("points = 4", "expected user ada, action type dice.roll, kind internal, points 3", id="points"),
        pytest.param("user_id = 'eve'", "found user eve, ", id="user"),
        pytest.param("action_type = 'quiz.answer'", "action type quiz.answer, ", id="action type"),
        pytest.param("kind = 'ticket'", "kind ticket, ", id="kind"),
        pytest.param("score = 8", "score 8", id="the score that was told"),
    ],
)
def test_an_award_that_is_not_that_of_its_action(check, journal, ledger, database_url, sql, part):
    entry = settled(done(claim("ada")), journal, ledger)
    Damage((f"UPDATE awards SET {sql} WHERE position = 1",), {}).do(database_url)
    verified = check()
    row, number = wrong(verified)["journal"]
    named = {"position": 1, "userId": "ada", "requestId": entry.request_id, "awardId": entry.award_id}
    assert (row, number) == (named, 1)
    assert part in found(verified)["journal"][1]
    assert not verified.right


def test_an_award_that_is_delivered_and_gone(check, journal, ledger, database_url):
    entry = settled(done(claim("ada")), journal, ledger)
    Damage(("DELETE FROM awards",), {}).do(database_url)
    named = f"userId ada, requestId {entry.request_id}, awardId {entry.award_id}"
    told = f"{named}: expected its award of 3 points, found none, and the journal says that it is delivered"
    assert found(check())["journal"] == [1, told]


def test_awards_that_were_refused_for_good_are_counted_by_reason(check, journal):
    blocked = '{"reason":"USER_BLOCKED","message":"no","metadata":{}}'
    journal.record([done(claim(), due=None, rejection=reason) for reason in (REFUSED, blocked, REFUSED)])
    verified = check()
    assert verified.right
    told = ", 3 actions that earned points, awards refused for good: POINTS_OUT_OF_BOUNDS 2, USER_BLOCKED 1"
    assert verified.journal.endswith(told)


def test_an_award_that_nobody_will_deliver(check, journal):
    journal.record([done(claim("ada"), due=None)])
    assert "neither delivered, nor pending, nor refused" in found(check())["journal"][1]


@pytest.mark.parametrize("rejection", ["{}", "", "null"])
def test_an_award_that_is_refused_for_no_reason(check, journal, rejection):
    journal.record([done(claim("ada"), due=None, rejection=rejection)])
    assert "expected the reason for which its award was refused" in found(check())["journal"][1]


STRANGE = {
    "of an action server": {"actor": "action"},
    "by ticket": {"kind": "ticket"},
}


@pytest.mark.parametrize("others", STRANGE.values(), ids=STRANGE)
def test_an_award_that_no_journal_knows(check, journal, ledger, others):
    settled(done(claim("ada")), journal, ledger)
    ledger.append([new_award("mallory", 100, award_id="x", awarded_at=NOW, **others)], {})
    verified = check()
    expected = "position 2, awardId x: expected an action in the journal that earned it, found none"
    assert (found(verified), verified.right) == ({"origins": [1, expected]}, False)


@pytest.mark.parametrize("delivery", ["internal", "ticket"])
def test_an_award_of_an_action_that_has_earned_nothing(check, journal, ledger, delivery):
    entry = done(claim("ada", delivery=delivery), points=0, due=None)
    journal.record([entry])
    ledger.append([award_of(entry, points=3)], {})
    assert wrong(check()) == {"origins": ({"position": 1, "awardId": entry.award_id}, 1)}


def test_an_action_that_counts_twice(check, journal, ledger):
    """Under an id of its own, because the ledger takes none twice."""
    entry = settled(done(claim("ada")), journal, ledger)
    ledger.append([award_of(entry, award_id=f"{entry.award_id[:-1]}x")], {})
    assert wrong(check()) == {"origins": ({"position": 2, "awardId": f"{entry.award_id[:-1]}x"}, 1)}


def test_another_award_under_the_id_of_one_that_was_refused(check, journal, ledger):
    entry = done(claim("ada"), due=None, rejection='{"reason":"AWARD_ID_REUSED"}')
    journal.record([entry])
    ledger.append([award_of(entry, user_id="mallory")], {})
    assert "found user mallory" in found(check())["origins"][1]


def test_the_operator_may_give_what_was_refused(check, journal, ledger):
    entry = done(claim("ada"), due=None, rejection=REFUSED)
    journal.record([entry])
    ledger.append([award_of(entry, actor="ops")], {})
    assert check().right


def test_awards_of_forgotten_actions_are_not_judged_and_said_so(check, journal, journal_database, ledger):
    old = done(claim("ada", delivery="ticket"), due=None)
    journal.record([old])
    before = NOW + 1
    ledger.append([award_of(old, awarded_at=before + TOLD_MS + SLACK_MS - 1)], {})
    assert found(check()) == {}
    assert journal.prune(before, 10) == 1
    verified = check()
    assert verified.right
    assert "it no longer knows, or never knew, the actions of 1 award from before 2027-" in verified.journal
    ledger.append([new_award("ada", kind="ticket", awarded_at=before + TOLD_MS + SLACK_MS)], {})
    assert found(check())["origins"][0] == 1


def test_what_is_done_while_the_ledger_is_read_is_no_damage(database, journal_database, journal, ledger):
    run = Verification(database, None, "built", Journals([journal_database])).run()
    settled(done(claim("ada")), journal, ledger)
    assert next(run).rows == "actions"
    settled(done(claim("bob")), journal, ledger)
    verified, _ = ended(run)
    assert (found(verified), verified.position) == ({}, 2)


def test_several_journals_know_more_than_one(database, journal_database, journal, ledger, tmp_path):
    other = Database(sa.URL.create("sqlite", database=str(tmp_path / "other.db")), JOURNAL)
    other.migrate()
    since(other, NOW)
    settled(done(claim("ada")), journal, ledger)
    settled(done(claim("bob")), Journal(other), ledger)
    one, both = [
        Verification(database, None, "built", Journals(each))
        for each in ([journal_database], [journal_database, other])
    ]
    assert wrong(ended(one.run())[0])["origins"][1] == 1
    assert ended(both.run())[0].right
    other.close()


def test_a_journal_that_stops_answering_is_told_of(database, ledger, tmp_path):
    gone = Database(sa.URL.create("sqlite", database=str(tmp_path / "none.db")), JOURNAL)
    verified, _ = ended(Verification(database, None, "built", Journals([gone])).run())
    assert {check.name for check in verified.checks if check.skipped} == {"journal", "origins"}
    assert verified.journal.startswith("not read: the journal stopped answering: ")
    gone.close()
