"""One ticket two hundred times at once, through the gateway and directly, on each database: it counts once."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import grpc
import httpx
import pytest
import sqlalchemy as sa

from scorewire.score.v1.score_pb2 import UpdateScoreRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.rpc.channel import secure_channel
from scorewire_server.rpc.tls import TlsFiles
from tests.e2e.players import Player, bearer
from tests.processes import TRUST_DOMAIN
from tests.refusals import told_by
from tests.stack import Stack
from tests.waiting import until

TIMES = 200
Told = tuple[str, tuple[str, str, str]]
"""`counted` or the reason of the refusal; and increase, score and revision of the award, as either tells them."""
Redeem = Callable[[str, str], Awaitable[Told]]


@pytest.fixture
def detecting() -> bool:
    """Whether the detector is on, which hides whoever redeems a ticket so often."""
    return False


@pytest.fixture
def stack(tmp_path, database_url: sa.URL, detecting: bool) -> Iterator[Stack]:
    """Servers of the test's own, over either database."""
    url_file = tmp_path / "score.url"
    url_file.write_text(database_url.render_as_string(hide_password=False))
    env = {
        "SCOREWIRE_SCORE__DATABASE_URL_FILE": str(url_file),
        "SCOREWIRE_ACTION__DELIVERY": '{"dice.roll":"ticket"}',
        # It is the ledger that is to refuse, and not the limit of the user.
        "SCOREWIRE_SCORE__LIMITS": '{"scorewire.score.v1.ScoreService/UpdateScore":"none"}',
        "SCOREWIRE_GATEWAY__MAX_SCORE_CALLS": str(2 * TIMES),
        "SCOREWIRE_SCORE__DETECTION__ENABLED": json.dumps(detecting),
    }
    with Stack(tmp_path, **env) as stack:
        yield stack


def over_rest(client: httpx.AsyncClient) -> Redeem:
    async def redeem(ticket: str, data: str) -> Told:
        answer = await client.post("/api/score/update", json={"data": data}, headers=bearer(ticket))
        told = answer.json()
        if answer.status_code == httpx.codes.OK:
            return "counted", (str(told["scoreIncrease"]), told["score"], told["revision"])
        (info,) = told["details"]
        return info["reason"], tuple(info["metadata"][name] for name in ("scoreIncrease", "score", "revision"))

    return redeem


def over_grpc(channel: grpc.aio.Channel) -> Redeem:
    stub = ScoreServiceStub(channel)

    async def redeem(ticket: str, data: str) -> Told:
        try:
            answer = await stub.UpdateScore(
                UpdateScoreRequest(data=data), metadata=[("authorization", f"Bearer {ticket}")]
            )
        except grpc.aio.AioRpcError as error:
            told = told_by(error)
            return told.reason, (told.metadata["scoreIncrease"], told.metadata["score"], told.metadata["revision"])
        return "counted", (str(answer.score_increase), str(answer.score), str(answer.revision))

    return redeem


async def ways_in(stack: Stack, open_until: AsyncExitStack) -> list[Redeem]:
    """REST at the gateway, gRPC at the gateway, and gRPC at the score server itself."""
    limits = httpx.Limits(max_connections=50)
    client = httpx.AsyncClient(base_url=stack.url, timeout=60, limits=limits)
    ops = TlsFiles.of(stack.folder / "certs", "ops")
    direct = secure_channel(stack.score.address, ops, f"score.{TRUST_DOMAIN}")
    return [
        over_rest(await open_until.enter_async_context(client)),
        over_grpc(await open_until.enter_async_context(grpc.aio.insecure_channel(stack.gateway.address))),
        over_grpc(await open_until.enter_async_context(direct)),
    ]


async def test_a_ticket_sent_two_hundred_times_at_once_counts_once(stack: Stack, player: Player) -> None:
    score = 0
    async with AsyncExitStack() as open_until:
        ways = await ways_in(stack, open_until)
        # Each way alone, and at last all of them together.
        for rounds, chosen in enumerate([*([way] for way in ways), ways], start=1):
            done = player.do().json()
            rolled = json.loads(done["result"])["result"]["rolled"]
            score += rolled
            calls = [chosen[each % len(chosen)](done["token"], done["result"]) for each in range(TIMES)]
            answers = await asyncio.gather(*calls)
            assert Counter(told for told, _ in answers) == {"counted": 1, "TICKET_ALREADY_REDEEMED": TIMES - 1}
            assert {award for _, award in answers} == {(str(rolled), str(score), str(rounds))}
    assert player.standing().json()["standing"]["score"] == str(score)


@pytest.mark.parametrize("detecting", [True])
async def test_with_the_detector_on_it_counts_once_too_and_costs_its_owner_no_more_than_a_quarantine(
    stack: Stack, rest: httpx.Client
) -> None:
    async with AsyncExitStack() as open_until:
        players = [await all_at_once(way, rest) for way in await ways_in(stack, open_until)]
    for player in players:
        await asyncio.to_thread(until, lambda who=player: who.standing().status_code == 404, "the quarantine")
        done = player.do().json()
        assert player.redeem(done["token"], done["result"]).is_success, "it is not blocked"


async def all_at_once(way: Redeem, rest: httpx.Client) -> Player:
    """A new player, one ticket of which is redeemed as often as there is time for, and counts once."""
    player = Player.signed_in(rest)
    done = player.do().json()
    rolled = str(json.loads(done["result"])["result"]["rolled"])
    answers = await asyncio.gather(*(way(done["token"], done["result"]) for _ in range(TIMES)))
    assert Counter(told for told, _ in answers) == {"counted": 1, "TICKET_ALREADY_REDEEMED": TIMES - 1}
    assert {(increase, score) for _, (increase, score, _) in answers} == {(rolled, rolled)}
    return player
