"""Decisions on both databases: rows of the ledger that say what a user may do, and are folded as awards are."""

import pytest

from scorewire_server.errors import UserBlocked
from scorewire_server.storage.database import Database
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import Recorded, Restriction
from tests.awards import check_ledger, decision, new_award, rows


def states(ledger: Ledger) -> dict[str, str]:
    return {restriction.user_id: restriction.state for restriction in ledger.restricted()}


def outcome(ledger: Ledger, new):
    (only,) = ledger.append([new], {}).recorded
    return only


def test_a_decision_is_a_row_without_points(ledger, database_url):
    ledger.append([new_award("ada", 5), decision("quarantine", reason="too fast", actor="detector")], {})
    award, decided = check_ledger(database_url)
    assert award.quarantined == 0
    assert decided[1:] == (
        *(decided.award_id, "ada", "", 0, "", "quarantine", 0),
        *(decided.awarded_at, "detector", 0, "too fast"),
    )
    assert ledger.restricted() == [Restriction("ada", "quarantined", 2, "too fast")]


def test_awards_in_quarantine_count_and_are_marked(ledger, database_url):
    ledger.append([new_award("ada", 5), decision("quarantine"), new_award("ada", 2), new_award("bob", 1)], {})
    ledger.append([new_award("ada", 3)], {})
    ledger.append([decision("release"), new_award("ada", 1)], {})
    awards = check_ledger(database_url)
    assert [award.quarantined for award in awards] == [0, 0, 1, 0, 1, 1, 0]
    assert [award.score for award in awards if award.user_id == "ada"] == [5, 0, 7, 10, 0, 11]
    assert states(ledger) == {}


def test_a_blocked_user_earns_nothing(ledger, database_url):
    before = new_award("ada", 5)
    ledger.append([before, decision("block")], {})
    refused, other = ledger.append([new_award("ada", 2, display_name="Ada"), new_award("bob", 1)], {}).recorded
    assert isinstance(refused, UserBlocked)
    assert refused.metadata == {"userId": "ada"}
    assert other.award.position == 3
    assert list(ledger.names()) == []
    again = outcome(ledger, before)
    assert (again.award.position, again.fresh) == (1, False), "what has counted is answered"
    ledger.append([decision("unblock")], {})
    assert outcome(ledger, new_award("ada", 2)).award.score == 7
    assert len(check_ledger(database_url)) == 5


def test_a_decision_counts_for_what_follows_it_in_its_transaction(ledger, database_url):
    appended = ledger.append([new_award("ada", 5), decision("block"), new_award("ada", 1)], {})
    first, blocked, refused = appended.recorded
    assert (first.fresh, blocked.fresh) == (True, True)
    assert isinstance(refused, UserBlocked)
    assert appended.restrictions == [Restriction("ada", "blocked", 2, "seen cheating")]
    assert appended.newest.position == 2
    check_ledger(database_url)


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        pytest.param([], "quarantine", "quarantined", id="quarantine"),
        pytest.param([], "block", "blocked", id="block"),
        pytest.param(["quarantine"], "release", None, id="release"),
        pytest.param(["quarantine"], "block", "blocked", id="block one in quarantine"),
        pytest.param(["block"], "unblock", None, id="unblock"),
        pytest.param(["quarantine", "block"], "unblock", None, id="unblock one who was in quarantine"),
        pytest.param(["block", "unblock"], "quarantine", "quarantined", id="quarantine once more"),
    ],
)
def test_what_a_decision_leads_to(ledger, database_url, before, kind, after):
    ledger.append([decision(each) for each in before], {})
    recorded = outcome(ledger, decision(kind, reason="new"))
    assert isinstance(recorded, Recorded)
    assert recorded.fresh
    assert states(ledger).get("ada") == after
    assert check_ledger(database_url)[-1].reason == "new"


@pytest.mark.parametrize(
    ("before", "kind", "state"),
    [
        pytest.param([], "release", "clear", id="release one who is clear"),
        pytest.param([], "unblock", "clear", id="unblock one who is clear"),
        pytest.param(["quarantine"], "quarantine", "quarantined", id="quarantine again"),
        pytest.param(["quarantine"], "unblock", "quarantined", id="unblock one in quarantine"),
        pytest.param(["block"], "block", "blocked", id="block again"),
    ],
)
def test_a_decision_that_changes_nothing_leaves_no_trace(ledger, database_url, before, kind, state):
    ledger.append([decision(each, reason="first") for each in before], {})
    known = check_ledger(database_url)
    there = outcome(ledger, decision(kind, reason="again"))
    assert there == Restriction("ada", state, len(before), "first" if before else "")
    assert check_ledger(database_url) == known
    assert len(rows(database_url, "SELECT id FROM audit")) == len(before)


@pytest.mark.parametrize("kind", ["quarantine", "release"])
def test_a_block_goes_beyond_quarantine(ledger, database_url, kind):
    ledger.append([decision("block")], {})
    assert isinstance(outcome(ledger, decision(kind)), UserBlocked)
    assert states(ledger) == {"ada": "blocked"}
    assert len(check_ledger(database_url)) == 1


def test_points_of_an_operator_count_for_a_blocked_user(ledger, database_url):
    ledger.append([new_award("ada", 5), decision("block")], {})
    void = new_award("ada", -5, kind="void", reason="bot", actor="ops")
    assert outcome(ledger, void).award.score == 0
    check_ledger(database_url)


def test_decisions_are_in_the_audit_in_the_same_transaction(ledger, database_url):
    ledger.append([new_award("ada", 5), decision("block", reason="bot"), new_award("ada", 1)], {})
    (event,) = rows(database_url, "SELECT event, why, user_id, actor, award_id, at FROM audit")
    assert event[:4] == ("block", "bot", "ada", "ops")
    assert event[4:] == rows(database_url, "SELECT award_id, awarded_at FROM awards WHERE kind = 'block'")[0]


def test_decisions_of_another_ledger_object_are_known(ledger, database_url):
    """The restrictions in memory are read again where the head says that they are old."""
    ledger.append([new_award("ada", 5)], {})
    other = Database(database_url)
    Ledger(other).append([decision("block"), decision("quarantine", "bob")], {})
    assert isinstance(outcome(ledger, new_award("ada", 1)), UserBlocked)
    Ledger(other).append([decision("unblock"), decision("release", "bob")], {})
    assert outcome(ledger, new_award("ada", 1)).award.score == 6
    assert outcome(ledger, new_award("bob", 1)).award.quarantined == 0
    other.close()
    check_ledger(database_url)


def test_what_was_decided_after_a_position(ledger):
    ledger.append([new_award("ada", 5), decision("block", "eve")], {})
    ledger.append([decision("quarantine")], {})
    assert ledger.changed_after(2)[1] == [Restriction("ada", "quarantined", 3, "seen cheating")]
