"""A user over REST, as curl would be one."""

import itertools
from dataclasses import dataclass
from typing import Any, Self

import httpx

from scorewire_server.action.samples.quiz import QUESTIONS

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Player:
    """A guest with a session."""

    rest: httpx.Client
    user_id: str
    display_name: str
    session: dict[str, str]

    @classmethod
    def signed_in(cls, rest: httpx.Client) -> Self:
        """A new guest."""
        answer = rest.post("/api/session/guest", json={"displayName": f"Player {next(_numbers)}"}).json()
        return cls(rest, answer["userId"], answer["displayName"], bearer(answer["token"]))

    def do(self, some: Any = None, action_type: str | None = None, **call: Any) -> httpx.Response:
        """Does an action."""
        body = {"some": some} | ({"actionType": action_type} if action_type else {})
        return self.rest.post("/api/action/do-some", json=body, headers=self.session, **call)

    def answer_quiz(self) -> httpx.Response:
        """Answers one question right."""
        name, question = next(iter(QUESTIONS.items()))
        return self.do({"question": name, "answer": question.answer}, "quiz.answer")

    def redeem(self, token: str, data: str) -> httpx.Response:
        """Redeems a ticket."""
        return self.rest.post("/api/score/update", json={"data": data}, headers=bearer(token))

    def standing(self) -> httpx.Response:
        """Asks for the player's own standing."""
        return self.rest.get(f"/api/standings/{self.user_id}")


def bearer(token: str) -> dict[str, str]:
    """The header of a call that brings a token."""
    return {"authorization": f"Bearer {token}"}


def reason(answer: httpx.Response) -> str:
    """The reason in an error's body, which is a `google.rpc.Status`."""
    status = answer.json()
    info = next(each for each in status["details"] if each["@type"].endswith("google.rpc.ErrorInfo"))
    assert info["domain"] == "scorewire"
    assert status["message"]
    return str(info["reason"])
