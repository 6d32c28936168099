"""Action data, and what no handler may answer."""

import json
import math

import pytest

from scorewire_server.action import ActionCall, Outcome, Refused, action
from scorewire_server.action.data import LONGEST, HandlerFault, done, interrupted, refused
from scorewire_server.storage.journal.records import Stage
from scorewire_server.tokens.fingerprint import fingerprint
from tests.entries import claim

CLAIM = claim("ada", action_type="coin.flip")


@action("coin.flip")
async def flip(call: ActionCall) -> Outcome:
    return Outcome(None, 0)


def test_action_data_is_one_compact_json_string():
    entry = done(flip, CLAIM, Outcome({"side": "Zahl ü", "points": [1, None]}, points=5))
    assert json.loads(entry.data) == {
        "actionId": CLAIM.action_id,
        "actionType": "coin.flip",
        "result": {"side": "Zahl ü", "points": [1, None]},
    }
    assert entry.data == json.dumps(json.loads(entry.data), separators=(",", ":"), ensure_ascii=False)
    assert entry.award_id == fingerprint(entry.data)
    assert (entry.key, entry.points, entry.action_type) == (CLAIM.key, 5, "coin.flip")
    assert (entry.stage, entry.ending) == (Stage.ENDED, "done")


def test_the_same_outcome_of_two_actions_makes_two_awards():
    assert done(flip, CLAIM, Outcome(1, 1)).award_id != done(flip, claim(), Outcome(1, 1)).award_id


def test_a_refusal_is_kept_with_its_words():
    entry = refused(flip, CLAIM, Refused("TOO_LATE", "morgen früh"))
    assert json.loads(entry.data) == {"reason": "TOO_LATE", "message": "morgen früh"}
    assert (entry.stage, entry.ending, entry.points, entry.award_id) == (Stage.ENDED, "refused", 0, "")


def test_an_interrupted_action_earns_nothing():
    entry = interrupted(CLAIM)
    assert (entry.stage, entry.ending, entry.points, entry.award_id) == (Stage.ENDED, "interrupted", 0, "")


@pytest.mark.parametrize("points", [-(2**31) + 1, -1, 0, 2**31 - 1], ids=str)
def test_points(points):
    assert done(flip, CLAIM, Outcome(None, points)).points == points


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        pytest.param(None, "NoneType instead of an Outcome", id="nothing"),
        pytest.param(({}, 1), "tuple instead of an Outcome", id="a plain tuple"),
        pytest.param(Outcome(None, True), "points that are no 32-bit integer: True", id="truth for points"),
        pytest.param(Outcome(None, 1.0), "points that are no 32-bit integer: 1.0", id="a fraction for points"),
        pytest.param(Outcome(None, None), "points that are no 32-bit integer: None", id="no points"),
        pytest.param(Outcome(None, 2**31), "points that are no 32-bit integer", id="too many points"),
        pytest.param(Outcome({1, 2}, 1), "no JSON value: Type is not JSON serializable: set", id="a set"),
        pytest.param(Outcome({1: 2}, 1), "no JSON value: Dict key must be str", id="a number for a key"),
        pytest.param(Outcome("\ud800", 1), "no JSON value: .*surrogates", id="half a character"),
        pytest.param(Outcome(2**70, 1), "no JSON value: Integer exceeds 64-bit", id="a huge number"),
        pytest.param(Outcome("x" * LONGEST, 1), "a result of 6.... bytes", id="too long"),
    ],
)
def test_what_no_handler_may_answer_names_the_handler(outcome, problem):
    with pytest.raises(HandlerFault, match=rf"^{__name__}\.flip answered .*{problem}"):
        done(flip, CLAIM, outcome)


def test_what_json_does_not_have_becomes_null():
    assert json.loads(done(flip, CLAIM, Outcome(math.nan, 0)).data)["result"] is None
