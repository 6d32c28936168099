"""Limits through the gateway: every way in is told the same, and a burst is held to the limit exactly."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from scorewire.score.v1.score_pb2 import GetStandingRequest
from scorewire_server.action.samples.quiz import QUESTIONS
from tests.e2e import grpc_web
from tests.e2e.players import Player, bearer, reason
from tests.stack import Stack

ORIGIN = {"origin": "https://app.example.com"}
ENVIRONMENT = {
    "SCOREWIRE_GATEWAY__ALLOWED_ORIGINS": '["https://app.example.com"]',
    "SCOREWIRE_ACTION__LIMITS": '{"scorewire.action.v1.ActionService/DoAction": "20/hour"}',
    "SCOREWIRE_SCORE__LIMITS": json.dumps(
        {
            "scorewire.score.v1.ScoreService/GetStanding": "1/hour",
            "scorewire.score.v1.ScoreService/UpdateScore": "4/hour",
        }
    ),
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("limited")
    with Stack(folder, **ENVIRONMENT) as stack:
        yield stack


async def test_a_burst_of_one_user_from_many_connections(stack: Stack, player: Player) -> None:
    async def call(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [await client.post("/api/action/do-some", json={}, headers=player.session) for _ in range(10)]

    clients = [httpx.AsyncClient(base_url=stack.url, timeout=30) for _ in range(8)]
    answers = [answer for each in await asyncio.gather(*map(call, clients)) for answer in each]
    await asyncio.gather(*(client.aclose() for client in clients))
    taken = [answer for answer in answers if answer.status_code == httpx.codes.OK]
    refused = [answer for answer in answers if answer.status_code == httpx.codes.TOO_MANY_REQUESTS]
    assert (len(taken), len(refused)) == (20, 60)
    assert {reason(answer) for answer in refused} == {"RATE_LIMITED"}
    assert Player.signed_in(player.rest).do().status_code == httpx.codes.OK


def test_a_thief_of_a_ticket_at_another_address_uses_up_its_own_room(stack: Stack, player: Player) -> None:
    def redeem(outcome: dict[str, str], address: str) -> str:
        transport = httpx.HTTPTransport(local_address=address)
        with httpx.Client(base_url=stack.url, transport=transport, timeout=30) as client:
            body = {"data": outcome["result"]}
            answer = client.post("/api/score/update", json=body, headers=bearer(outcome["token"]))
        return "counted" if answer.status_code == httpx.codes.OK else reason(answer)

    questions = [{"question": name, "answer": each.answer} for name, each in QUESTIONS.items()][:5]
    outcomes = [player.do(question, "quiz.answer").json() for question in questions]
    stolen = outcomes[0]
    assert redeem(stolen, "127.0.0.1") == "counted"
    thiefs = [redeem(stolen, "127.0.0.9") for _ in range(10)]
    assert thiefs == ["TICKET_ALREADY_REDEEMED"] * 4 + ["RATE_LIMITED"] * 6
    assert redeem(stolen, "127.0.0.1") == "TICKET_ALREADY_REDEEMED"
    assert [redeem(each, "127.0.0.1") for each in outcomes[1:]] == ["counted"] * 3 + ["RATE_LIMITED"]


def test_every_way_in_is_told_the_same(rest: httpx.Client) -> None:
    rest.get("/api/standings/ada")
    answer = rest.get("/api/standings/ada", headers=ORIGIN)
    assert (answer.status_code, reason(answer)) == (httpx.codes.TOO_MANY_REQUESTS, "RATE_LIMITED")
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    assert answer.headers["x-ratelimit-limit"] == "1, 1;w=3600"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.headers["x-ratelimit-reset"] == answer.headers["retry-after"]
    shown = set(answer.headers["access-control-expose-headers"].split(", "))
    assert {"retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= shown
    over_web = grpc_web.call(
        str(rest.base_url), "scorewire.score.v1.ScoreService/GetStanding", GetStandingRequest(user_id="ada")
    )
    assert over_web.refusal is not None
    assert over_web.refusal.reason == "RATE_LIMITED"
    assert over_web.refusal.retry_after is not None
    assert 3500 < over_web.refusal.retry_after <= 3600
