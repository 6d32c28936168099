"""The two sample actions."""

from uuid import uuid4

import pytest

from scorewire_server.action import ActionCall, Outcome, Refused, User
from scorewire_server.action.samples.dice import roll
from scorewire_server.action.samples.quiz import QUESTIONS, answer
from tests.clocks import SetClock


@pytest.fixture
def user():
    return User(f"user-{uuid4().hex}", None)


def call(user: User, some: object = None) -> ActionCall:
    return ActionCall(user, some, SetClock())


async def test_a_die_earns_what_it_shows(user):
    outcomes = [await roll(call(user, {"rolled": 6})) for _ in range(200)]
    assert {outcome.points for outcome in outcomes} == {1, 2, 3, 4, 5, 6}
    assert all(outcome.result == {"rolled": outcome.points} for outcome in outcomes)


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_question_has_its_answer_among_different_choices(name):
    question = QUESTIONS[name]
    assert question.choices.count(question.answer) == 1
    assert len({choice.casefold() for choice in question.choices}) == len(question.choices) == 4


async def test_asking_earns_nothing_and_tells_no_answer(user):
    asked = await answer(call(user))
    question = QUESTIONS[asked.result["question"]]
    assert asked == Outcome(
        {"question": asked.result["question"], "text": question.text, "choices": question.choices}, points=0
    )


@pytest.mark.parametrize("given", ["Pacific", " pacific ", "PACIFIC"])
async def test_a_right_answer_earns_ten_points(user, given):
    outcome = await answer(call(user, {"question": "largest-ocean", "answer": given}))
    assert outcome == Outcome({"question": "largest-ocean", "correct": True}, points=10)


async def test_a_wrong_answer_earns_nothing(user):
    outcome = await answer(call(user, {"question": "largest-ocean", "answer": "Indian"}))
    assert outcome == Outcome({"question": "largest-ocean", "correct": False}, points=0)


@pytest.mark.parametrize("first", ["Pacific", "Indian"])
async def test_the_first_answer_counts(user, first):
    await answer(call(user, {"question": "largest-ocean", "answer": first}))
    with pytest.raises(Refused) as refused:
        await answer(call(user, {"question": "largest-ocean", "answer": "Pacific"}))
    assert refused.value.reason == "ALREADY_ANSWERED"


async def test_each_user_has_a_try_of_its_own(user):
    some = {"question": "largest-ocean", "answer": "Pacific"}
    await answer(call(user, some))
    assert (await answer(call(User(f"{user.id}-2", None), some))).points == 10


async def test_every_question_is_asked_once_answered_and_then_there_is_none(user):
    for _ in QUESTIONS:
        name = (await answer(call(user))).result["question"]
        assert (await answer(call(user, {"question": name, "answer": QUESTIONS[name].answer}))).points == 10
    with pytest.raises(Refused) as refused:
        await answer(call(user))
    assert refused.value.reason == "ALL_ANSWERED"


@pytest.mark.parametrize(
    ("some", "reason"),
    [
        pytest.param("Pacific", "INPUT_INVALID", id="no object"),
        pytest.param({}, "INPUT_INVALID", id="empty"),
        pytest.param({"question": "largest-ocean"}, "INPUT_INVALID", id="no answer"),
        pytest.param({"question": "largest-ocean", "answer": 3}, "INPUT_INVALID", id="an answer that is no text"),
        pytest.param({"question": ["largest-ocean"], "answer": "x"}, "INPUT_INVALID", id="a question that is no text"),
        pytest.param({"question": "who-am-i", "answer": "x"}, "QUESTION_UNKNOWN", id="an unknown question"),
        pytest.param({"question": "largest-ocean", "answer": "Baltic"}, "CHOICE_UNKNOWN", id="no choice"),
    ],
)
async def test_what_is_no_answer_is_refused_and_costs_no_try(user, some, reason):
    with pytest.raises(Refused) as refused:
        await answer(call(user, some))
    assert refused.value.reason == reason
    assert (await answer(call(user, {"question": "largest-ocean", "answer": "Pacific"}))).points == 10
