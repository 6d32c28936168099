"""The checks of what operators and the detector did are no formality: each kind of wrong is found."""

from dataclasses import replace

import pytest

from scorewire.score.v1.decisions_pb2 import Correction, QuarantineUserResponse, Restriction
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.voids import void_id
from tests.awards import decision, new_award
from tests.crash.acts import Act
from tests.crash.hiding import check_acts, check_judged, check_voids, hidden, ordered
from tests.crash.operator import PERSON

BY = f"ops/{PERSON}"


@pytest.fixture
def awards(ledger: Ledger):
    """Ada and bob are level; bob was quarantined by an operator, eve by the detector, and ada's second award voided."""
    voiding = {"kind": "void", "award_id": void_id("a2"), "voids": "a2", "reason": "void 1", "actor": BY}
    new = [
        new_award("bob", 3, award_id="b1"),
        new_award("ada", 3, award_id="a1"),
        new_award("ada", 2, award_id="a2"),
        new_award("eve", 9, award_id="e1"),
        decision("quarantine", "bob", "quarantine 1", actor=BY),
        decision("quarantine", "eve", "changed data", actor="detector"),
        new_award("ada", -2, **voiding),
    ]
    ledger.append(new, {})
    return list(ledger.awards())


@pytest.fixture
def acts() -> list[Act]:
    """What the operator was told of that."""
    restriction = Restriction(user_id="bob", position=5, reason="quarantine 1")
    correction = Correction(user_id="ada", award_id=void_id("a2"), points=-2, score=3, revision=7)
    return [
        Act("quarantine", "bob", "quarantine 1", decided=QuarantineUserResponse(restriction=restriction, changed=True)),
        Act("void", "ada", "void 1", award_id="a2", corrected=correction),
        Act("void", "ada", "void 2", award_id="a2", refused="AWARD_ALREADY_VOIDED"),
        Act("release", "eve", "release 1", refused="USER_BLOCKED"),
    ]


def test_what_is_right_is_right(awards, acts):
    check_acts(awards, acts)
    check_voids(awards)
    check_judged(awards, ["eve"])
    assert hidden(awards) == {"bob", "eve"}
    assert ordered(awards, "main") == [(1, "ada", 3)]


@pytest.mark.parametrize("row", range(2), ids=["decision", "void"])
def test_an_act_that_was_told_of_and_is_not_there(awards, acts, row):
    left = [award for award in awards if award.reason != acts[row].reason]
    with pytest.raises(AssertionError):
        check_acts(left, acts)


def test_an_act_that_is_there_twice(awards, acts):
    with pytest.raises(AssertionError, match="more than once"):
        check_acts([*awards, awards[4]._replace(position=8)], acts)


@pytest.mark.parametrize("changed", [{"user_id": "ada"}, {"actor": "ops"}, {"kind": "block"}, {"position": 9}])
def test_an_act_that_is_another_than_was_told(awards, acts, changed):
    with pytest.raises(AssertionError):
        check_acts([*awards[:4], awards[4]._replace(**changed), *awards[5:]], acts)


def test_an_act_that_is_there_though_it_was_refused(awards, acts):
    with pytest.raises(AssertionError):
        check_acts(awards, [replace(acts[0], decided=None, refused="USER_BLOCKED")])


@pytest.mark.parametrize("changed", [{"points": -3}, {"user_id": "bob"}, {"boards": "second"}])
def test_a_void_of_something_else(awards, changed):
    with pytest.raises(AssertionError):
        check_voids([*awards[:-1], awards[-1]._replace(**changed)])


@pytest.mark.parametrize("cheaters", [[], ["eve", "mallory"], ["mallory"]])
def test_a_cheater_who_was_not_caught_and_an_honest_user_who_was(awards, cheaters):
    with pytest.raises(AssertionError):
        check_judged(awards, cheaters)
