"""The OpenAPI document where it is served, and real answers of every route held against it."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.e2e.players import Player, reason
from tests.stack import Stack


@pytest.fixture(scope="module")
def document(stack: Stack) -> dict[str, Any]:
    return httpx.get(f"{stack.url}/openapi.json").json()


@pytest.fixture(scope="module")
def strict(document: dict[str, Any]) -> dict[str, Any]:
    """The document, had it no room for fields of later versions."""
    closed = copy.deepcopy(document)
    for name, schema in closed["components"]["schemas"].items():
        if "properties" in schema and name != "Error":
            schema.setdefault("additionalProperties", False)
    return closed


def hold(document: dict[str, Any], answer: httpx.Response, path: str, body: Any = None) -> Any:
    """Holds an answer against what the document says of it, and answers its body."""
    operation = document["paths"][path][answer.request.method.lower()]
    said = operation["responses"][str(answer.status_code)]
    if "$ref" in said:
        said = document["components"]["responses"][said["$ref"].rpartition("/")[2]]
    content = said["content"][answer.headers["content-type"]]
    body = answer.json() if body is None else body
    Draft202012Validator({**document, **content["schema"]}).validate(body)
    return body


def test_it_is_served_for_what_it_is(stack: Stack) -> None:
    answer = httpx.get(f"{stack.url}/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()["openapi"] == "3.1.0"
    assert httpx.head(f"{stack.url}/openapi.json").status_code == httpx.codes.OK


def test_the_internal_port_serves_its_own(stack: Stack) -> None:
    with httpx.Client(base_url=stack.gateway.internal_url, verify=stack.gateway.client_tls("ops")) as client:
        assert list(client.get("/openapi.json").json()["paths"]) == ["/api/internal/score/update"]


def test_every_route_as_it_is_answered(document: dict[str, Any], strict: dict[str, Any], player: Player) -> None:
    rest, held = player.rest, set()

    def ask(path: str, answer: httpx.Response) -> Any:
        held.add(path)
        assert answer.status_code == httpx.codes.OK
        return hold(strict, answer, path)

    ask("/api/session/guest", rest.post("/api/session/guest", json={"displayName": "Ada"}))
    acted = ask("/api/action/do-some", player.do())
    assert acted["score"]
    outcome = ask("/api/action/do-some", player.answer_quiz())
    ask("/api/score/update", player.redeem(outcome["token"], outcome["result"]))
    ask("/.well-known/jwks.json", rest.get("/.well-known/jwks.json"))
    ask("/api/leaderboard", rest.get("/api/leaderboard"))
    page = ask("/api/standings", rest.get("/api/standings", params={"pageSize": 1}))
    assert page["standings"]
    ask("/api/standings/{userId}", player.standing())
    with rest.stream("GET", "/api/leaderboard/watch", params={"userId": player.user_id}) as answer:
        lines = answer.iter_lines()
        for event in (next(lines), next(lines)):
            hold(strict, answer, "/api/leaderboard/watch", json.loads(event))
    held.add("/api/leaderboard/watch")
    assert held == set(document["paths"])


def test_events_are_the_same_messages(strict: dict[str, Any], rest: httpx.Client) -> None:
    headers = {"accept": "text/event-stream"}
    with rest.stream("GET", "/api/leaderboard/watch", headers=headers) as answer:
        first = next(line for line in answer.iter_lines() if line.startswith("data: "))
        hold(strict, answer, "/api/leaderboard/watch", first)
    message = {**strict, "$ref": "#/components/schemas/WatchLeaderboardResponse"}
    Draft202012Validator(message).validate(json.loads(first.removeprefix("data: ")))


def refusals(player: Player) -> Iterator[tuple[str, httpx.Response, str]]:
    rest, act, update = player.rest, "/api/action/do-some", "/api/score/update"
    yield act, rest.post(act, json={}), "SESSION_MISSING"
    yield act, rest.post(act, json={"actiontype": "x"}), "REQUEST_MALFORMED"
    yield act, player.do(action_type="no.such"), "ACTION_TYPE_UNKNOWN"
    yield act, player.do("nothing", "quiz.answer"), "ACTION_REFUSED"
    yield update, rest.post(update, json={"data": ""}), "INVALID_FIELD"
    yield update, rest.post(update, content=b"x" * 2_000_000), "MESSAGE_TOO_LARGE"
    yield update, rest.post(update, content=b"{}", headers={"content-encoding": "gzip"}), "REQUEST_MALFORMED"
    outcome = player.answer_quiz().json()
    yield update, player.redeem(outcome["token"], "{}"), "TICKET_DATA_MISMATCH"
    player.redeem(outcome["token"], outcome["result"])
    yield update, player.redeem(outcome["token"], outcome["result"]), "TICKET_ALREADY_REDEEMED"
    yield "/api/leaderboard", rest.get("/api/leaderboard?boardId=none"), "BOARD_UNKNOWN"
    yield "/api/leaderboard", rest.get("/api/leaderboard", headers={"x-large": "x" * 70_000}), "MESSAGE_TOO_LARGE"
    yield "/api/standings", rest.get("/api/standings?pageToken=x"), "PAGE_TOKEN_INVALID"
    yield "/api/leaderboard/watch", rest.get("/api/leaderboard/watch?resumeToken=x"), "RESUME_TOKEN_INVALID"
    yield "/api/standings/{userId}", rest.get("/api/standings/nobody"), "STANDING_NOT_FOUND"


def test_refusals_as_they_are_answered(strict: dict[str, Any], player: Player) -> None:
    for path, answer, expected in refusals(player):
        hold(strict, answer, path)
        assert reason(answer) == expected
