"""REST by its OpenAPI document: what fits it and what does not, made by schemathesis, is answered as documented."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import given
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.players import Player
from tests.fuzzing import examples
from tests.stack import Stack

DOCUMENT = json.loads((Path(__file__).parents[2] / "generated/openapi/public.json").read_text())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = {operation.ok().definition.raw["operationId"]: operation.ok() for operation in SCHEMA.get_all_operations()}
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 60
SECONDS = 30


pytestmark = pytest.mark.fuzz


class Face:
    """The gateway, called as one player whose tickets do not fit what is sent."""

    def __init__(self, stack: Stack, player: Player) -> None:
        self.url = stack.url
        self.session = requests.Session()
        self.awards = 0
        self._asked: set[str] = set()
        self._player = player
        self._tokens = {"DoAction": player.session, "UpdateScore": self._ticket()}

    def ask(self, operation: str, case: Case) -> None:
        """Sends a case; fails where its answer is not as documented."""
        response = case.call(
            base_url=self.url, session=self.session, headers=self._tokens.get(operation), timeout=SECONDS
        )
        case.validate_response(response, checks=CHECKS)
        body = response.json()
        if response.status_code >= 500:
            assert reason(body) == "UPSTREAM_UNAVAILABLE", body
        self.awards += "score" in body and not self._repeats(case.body)

    def _repeats(self, body: Any) -> bool:
        """Whether an action was done before under its `requestId`."""
        request_id = body.get("requestId") if isinstance(body, dict) else None
        known = request_id in self._asked
        self._asked |= {request_id} if request_id else set()
        return known

    def revision(self) -> int:
        """How many awards there are."""
        board = httpx.get(f"{self.url}/api/leaderboard").json()["leaderboard"]
        return int(board.get("revision", 0))

    def _ticket(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._player.answer_quiz().json()['token']}"}


@pytest.fixture
def face(stack: Stack, player: Player) -> Iterator[Face]:
    face = Face(stack, player)
    before = face.revision()
    yield face
    # Whatever was refused has changed nothing.
    assert face.revision() - before == face.awards


@pytest.mark.parametrize("mode", [pytest.param(mode, id=mode.value) for mode in GenerationMode])
@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name != "WatchLeaderboard"])
def test_every_answer_is_as_documented(face: Face, operation: str, mode: GenerationMode) -> None:
    @examples(EXAMPLES)
    @given(case=OPERATIONS[operation].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        face.ask(operation, case)

    ask()


@pytest.mark.parametrize("mode", [pytest.param(mode, id=mode.value) for mode in GenerationMode])
def test_every_watch_begins_as_documented(face: Face, mode: GenerationMode) -> None:
    event = Draft202012Validator({**DOCUMENT, "$ref": "#/components/schemas/WatchLeaderboardResponse"})
    error = Draft202012Validator({**DOCUMENT, "$ref": "#/components/schemas/Error"})

    @examples(EXAMPLES)
    @given(case=OPERATIONS["WatchLeaderboard"].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        sent = case.as_transport_kwargs(base_url=face.url)
        with requests.request(**sent, stream=True, timeout=SECONDS) as response:
            first = json.loads(next(response.iter_lines()))
            assert str(response.status_code) in case.operation.definition.raw["responses"]
            (event if response.status_code == 200 else error).validate(first)
            assert response.status_code < 500

    ask()


def reason(body: Any) -> str:
    return next(detail["reason"] for detail in body["details"] if "reason" in detail)
