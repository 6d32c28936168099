"""ActionService through real servers: what an action earns, and why it may not."""

import json

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from scorewire.score.v1.score_pb2 import GetStandingRequest
from scorewire_server.action.samples.quiz import QUESTIONS
from scorewire_server.tokens.fingerprint import fingerprint
from tests.clocks import START, SetClock
from tests.pair import refusal, session
from tests.rpc.trials import prepare_trials

pytestmark = pytest.mark.asyncio(loop_scope="module")

RIGHT = {"question": "largest-ocean", "answer": QUESTIONS["largest-ocean"].answer}
WRONG = {"question": "largest-ocean", "answer": "Indian"}


@pytest.fixture(scope="module")
def clock():
    return SetClock()


@pytest.fixture(scope="module")
def settings(tmp_path_factory, certs):
    delivery = {"quiz.answer": "ticket", "trial.ticket": "ticket"}
    return prepare_trials(tmp_path_factory.mktemp("servers"), certs, delivery=delivery, guests=True)


@pytest_asyncio.fixture(loop_scope="module")
async def guest(actions):
    return await actions.sign_in("Grace")


async def standing(scores, user_id: str):
    return (await scores.public.GetStanding(GetStandingRequest(user_id=user_id))).standing


async def test_the_default_action_is_delivered_internally(actions, scores, guest):
    done = await actions.do(guest.token)
    data = json.loads(done.result)
    assert done.message == "Successfully"
    assert set(data) == {"actionId", "actionType", "result"}
    assert data["actionType"] == "dice.roll"
    assert done.HasField("score")
    assert not done.HasField("token")
    assert done.score == data["result"]["rolled"]
    own = await standing(scores, guest.user_id)
    assert (own.score, own.display_name) == (done.score, "Grace")


async def test_an_action_by_ticket_earns_when_its_ticket_is_redeemed(actions, scores, guest):
    done = await actions.do(guest.token, "quiz.answer", RIGHT)
    assert done.HasField("token")
    assert not done.HasField("score")
    assert (await refusal(standing(scores, guest.user_id))).reason == "STANDING_NOT_FOUND"
    award = await scores.redeem(done.token, done.result)
    assert (award.score_increase, award.score) == (10, 10)
    assert (await standing(scores, guest.user_id)).display_name == "Grace"


@pytest.mark.parametrize(
    ("action_type", "some"),
    [("quiz.answer", WRONG), ("quiz.answer", None), ("trial.earn", 0)],
    ids=["a wrong answer", "a question", "no points"],
)
async def test_an_action_that_earns_nothing_has_neither_token_nor_score(actions, scores, guest, action_type, some):
    done = await actions.do(guest.token, action_type, some)
    assert not done.HasField("token")
    assert not done.HasField("score")
    assert json.loads(done.result)["actionType"] == action_type
    assert (await refusal(standing(scores, guest.user_id))).reason == "STANDING_NOT_FOUND"


async def test_both_deliveries_count_on_the_same_board(actions, scores, guest):
    assert (await actions.do(guest.token, "trial.earn", 7)).score == 7
    done = await actions.do(guest.token, "trial.ticket", 5)
    assert (await scores.redeem(done.token, done.result)).score == 12
    assert (await actions.do(guest.token, "trial.earn", -2)).score == 10


async def test_the_award_of_an_internal_delivery_is_known_by_its_action_data(actions, guest):
    with capture_logs() as logs:
        done = await actions.do(guest.token, "trial.earn", 1)
    (award,) = [line for line in logs if line["event"] == "award"]
    assert award["award_id"] == fingerprint(done.result)


async def test_a_handler_learns_the_user_the_input_and_the_time(actions, settings, clock):
    token = session(settings, clock, sub="ada@example.com", name="  Ada ")
    some = {"list": [1, 0.5, None, True], "text": "ü"}
    done = await actions.do(token, "trial.echo", some)
    assert json.loads(done.result)["result"] == {"id": "ada@example.com", "name": "Ada", "input": some, "now": START}


@pytest.mark.parametrize(
    ("action_type", "some", "code", "reason"),
    [
        pytest.param("chess.win", None, "NOT_FOUND", "ACTION_TYPE_UNKNOWN", id="unknown action type"),
        pytest.param("Chess Win", None, "INVALID_ARGUMENT", "INVALID_FIELD", id="no action type"),
        pytest.param("trial.refuse", None, "FAILED_PRECONDITION", "ACTION_REFUSED", id="refused by the handler"),
        pytest.param("quiz.answer", {"question": "?"}, "FAILED_PRECONDITION", "ACTION_REFUSED", id="no answer"),
        pytest.param("trial.earn", 11, "INVALID_ARGUMENT", "POINTS_OUT_OF_BOUNDS", id="more than the rule allows"),
        pytest.param("trial.unruled", None, "FAILED_PRECONDITION", "SCORING_RULE_MISSING", id="no scoring rule"),
        pytest.param("trial.fail", None, "INTERNAL", "INTERNAL", id="a handler that fails"),
        pytest.param("trial.set", None, "INTERNAL", "INTERNAL", id="a result that is no JSON"),
        pytest.param("trial.earn", "many", "INTERNAL", "INTERNAL", id="points that are no number"),
    ],
)
async def test_an_action_that_is_not_done_changes_no_score(actions, scores, guest, action_type, some, code, reason):
    before = await scores.board()
    refused = await refusal(actions.do(guest.token, action_type, some))
    assert (refused.code, refused.reason) == (code, reason)
    assert await scores.board() == before


async def test_a_refusal_tells_the_handlers_reason(actions, guest):
    refused = await refusal(actions.do(guest.token, "trial.refuse"))
    assert (refused.metadata, refused.message) == ({"refusal": "NOT_TODAY"}, "come back tomorrow")


async def test_an_unknown_type_is_answered_with_those_there_are(actions, guest):
    refused = await refusal(actions.do(guest.token, "chess.win"))
    assert "dice.roll, quiz.answer, trial.earn" in refused.metadata["actionTypes"]


async def test_points_out_of_bounds_tell_the_bounds_and_blame_no_field(actions, guest):
    refused = await refusal(actions.do(guest.token, "trial.earn", 11))
    assert refused.metadata == {"minimum": "-10", "maximum": "10"}


@pytest.mark.parametrize(
    ("action_type", "logged"),
    [("trial.fail", "swordfish"), ("trial.set", "tests.rpc.trial_actions.no_json answered a result that is no JSON")],
)
async def test_a_fault_is_in_the_log_and_nowhere_else(actions, guest, action_type, logged):
    with capture_logs() as logs:
        refused = await refusal(actions.do(guest.token, action_type))
    (line,) = [line for line in logs if line["event"] == "call failed"]
    assert logged in str(line["exc_info"])
    assert refused.metadata == {"errorId": line["error_id"]}
    assert logged not in refused.message


async def test_the_log_has_every_action_and_no_token(actions, scores, guest):
    with capture_logs() as logs:
        done = await actions.do(guest.token, "trial.ticket", 5)
        await scores.redeem(done.token, done.result)
    (line,) = [line for line in logs if line["event"] == "action"]
    expected = {"action_type": "trial.ticket", "user": guest.user_id, "outcome": "earned", "delivery": "ticket"}
    assert expected.items() <= line.items()
    assert not [line for line in logs if done.token in str(line) or guest.token in str(line)]


async def test_both_servers_log_the_same_request_id(actions, guest):
    with capture_logs() as logs:
        await actions.do(guest.token, "trial.earn", 1)
    calls = {line["method"]: line["request_id"] for line in logs if line["event"] == "call"}
    assert {name.rpartition("/")[2] for name in calls} == {"DoAction", "ApplyScore"}
    assert len(set(calls.values())) == 1


async def test_time_that_is_over_ends_the_action(actions, guest):
    refused = await refusal(actions.do(guest.token, "trial.stuck", timeout=0.3))
    assert refused.code == "DEADLINE_EXCEEDED"
