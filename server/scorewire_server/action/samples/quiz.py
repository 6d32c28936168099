"""`quiz.answer`: knowledge, which the server checks."""

import secrets
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from cachetools import LRUCache

from scorewire_server.action.handlers import ActionCall, Outcome, Refused, action

POINTS = 10
REMEMBERED_USERS = 100_000


class Question(NamedTuple):
    """A question; only `text` and `choices` are told."""

    text: str
    choices: list[str]
    answer: str


QUESTIONS = {
    name: Question(**question)
    for name, question in tomllib.loads(Path(__file__).with_name("questions.toml").read_text()).items()
}

_answered: LRUCache[str, set[str]] = LRUCache(REMEMBERED_USERS)


@action("quiz.answer")
async def answer(call: ActionCall) -> Outcome:
    """Asks and checks: without input a question, `{"question": "<id>", "answer": "<choice>"}` for an answer.

    A question is asked as `{"question", "text", "choices"}`, picked at random from those that the user has not
    answered, and earns nothing. The outcome of an answer is `{"question", "correct"}`; a right one earns 10 points.

    Each user has one try at each question: were a second one worth points, guessing through the choices would earn as
    much as knowing, and one right answer sent again would earn for ever. So the first answer counts, right or wrong,
    and any other is refused. Who has answered what is kept in memory: this server forgets it when it restarts.
    """
    answered = _answered.setdefault(call.user.id, set())
    if call.input is None:
        return _ask(answered)
    name, given = _read(call.input)
    if name in answered:
        raise Refused(
            "ALREADY_ANSWERED",
            "you have answered this question, and the first answer counts; send null to be asked another",
        )
    correct = _is_right(QUESTIONS[name], given)
    answered.add(name)
    return Outcome({"question": name, "correct": correct}, points=POINTS if correct else 0)


def _ask(answered: set[str]) -> Outcome:
    left = [name for name in QUESTIONS if name not in answered]
    if not left:
        raise Refused("ALL_ANSWERED", "you have answered every question there is")
    name = secrets.choice(left)
    question = QUESTIONS[name]
    return Outcome({"question": name, "text": question.text, "choices": question.choices}, points=0)


def _read(sent: Any) -> tuple[str, str]:
    name, given = (sent.get("question"), sent.get("answer")) if isinstance(sent, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(given, str):
        raise Refused(
            "INPUT_INVALID", 'send null for a question, or {"question": "<its id>", "answer": "<your choice>"}'
        )
    if name not in QUESTIONS:
        raise Refused("QUESTION_UNKNOWN", "there is no such question; send null to be asked one")
    return name, given


def _is_right(question: Question, given: str) -> bool:
    chosen = [choice for choice in question.choices if choice.casefold() == given.strip().casefold()]
    if not chosen:
        raise Refused("CHOICE_UNKNOWN", f"answer with one of: {', '.join(question.choices)}")
    return chosen == [question.answer]
