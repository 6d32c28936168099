"""Restrictions that are not what the decisions come to are found and mended, on both databases."""

import pytest

from scorewire_server.errors import UserBlocked
from tests.audits import rebuild, verify, wrong
from tests.awards import check_ledger, decision, new_award
from tests.damage import Damage, at


def fill(ledger):
    """Positions 1 to 8: ada is clear again, bob in quarantine, eve blocked."""
    users = [new_award(user, 5, award_id=user[0]) for user in ("ada", "bob", "eve")]
    decisions = [decision("quarantine"), decision("release"), decision("quarantine", "bob"), decision("block", "eve")]
    ledger.append([*users, *decisions, new_award("bob", 1, award_id="b2")], {})


DAMAGES = {
    "a user let go": Damage(
        ("DELETE FROM restrictions WHERE user_id = 'eve'",), {"restrictions": ({"userId": "eve"}, 1)}
    ),
    "another state": Damage(
        ("UPDATE restrictions SET state = 'clear' WHERE user_id = 'eve'",), {"restrictions": ({"userId": "eve"}, 1)}
    ),
    "another reason": Damage(("UPDATE restrictions SET reason = 'none'",), {"restrictions": ({"userId": "ada"}, 3)}),
    "another position": Damage(
        ("UPDATE restrictions SET position = 9 WHERE user_id = 'bob'",), {"restrictions": ({"userId": "bob"}, 1)}
    ),
    "a user that nobody has decided about": Damage(
        ("INSERT INTO restrictions VALUES ('mallory', 'blocked', 7, 'spite')",),
        {"restrictions": ({"userId": "mallory"}, 1)},
    ),
}

LEDGER_DAMAGES = {
    "another mark": Damage(
        ("UPDATE awards SET quarantined = 0 WHERE position = 8",),
        {"chain": (at(8, "b2"), 1), "marks": (at(8, "b2"), 1)},
    ),
    "another reason of a decision": Damage(
        ("UPDATE awards SET reason = 'none', award_id = 'x' WHERE position = 7",),
        {"chain": (at(7, "x"), 1), "restrictions": ({"userId": "eve"}, 1)},
    ),
    "another actor": Damage(
        ("UPDATE awards SET actor = 'nobody', award_id = 'x' WHERE position = 7",), {"chain": (at(7, "x"), 1)}
    ),
    "another head": Damage(("UPDATE ledger SET decided_position = 6",), {"head": ({}, 1)}),
}


@pytest.mark.parametrize("damage", (DAMAGES | LEDGER_DAMAGES).values(), ids=DAMAGES | LEDGER_DAMAGES)
def test_damage_is_found(database, ledger, damage):
    fill(ledger)
    assert verify(database).right
    damage.do(database.url)
    assert wrong(verify(database)) == damage.finds


def test_decisions_and_voids_are_rows_and_no_awards(database, ledger):
    fill(ledger)
    ledger.append([new_award("ada", -5, kind="void", reason="a bug", actor="ops")], {})
    verified = verify(database)
    assert (verified.right, verified.position, verified.rows, verified.awards) == (True, 9, 9, 4)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_wrong_restrictions_are_mended(database, ledger, database_url, damage):
    fill(ledger)
    before = check_ledger(database_url)
    damage.do(database_url)
    rebuilt = rebuild(database)
    ((_, rows),) = damage.finds.values()
    assert (rebuilt.standings_mended, rebuilt.restrictions_mended) == (0, rows)
    assert check_ledger(database_url) == before
    assert rebuild(database).restrictions_mended == 0


def test_the_ledger_knows_that_restrictions_were_mended(database, ledger):
    """What it has in memory is not of before."""
    fill(ledger)
    DAMAGES["another state"].do(database.url)
    (wrong_one,) = ledger.append([new_award("eve", 1)], {}).recorded
    assert wrong_one.award.score == 6
    rebuild(database)
    (refused,) = ledger.append([new_award("eve", 1)], {}).recorded
    assert isinstance(refused, UserBlocked)
