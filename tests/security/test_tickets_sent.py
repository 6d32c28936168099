"""Tickets as they are sent: again, together, not at all, in bytes that no client would send, while keys change."""

import asyncio
import ssl
from base64 import b64decode

import httpx
import pytest
from google.rpc import error_details_pb2, status_pb2

from scorewire.score.v1.score_pb2 import UpdateScoreRequest
from scorewire_server.rpc.tls import TlsFiles
from scorewire_server.tokens.fingerprint import fingerprint
from scorewire_server.tokens.keys import Pace, rotate_key, signing_key
from scorewire_server.tokens.signing import SigningKey
from scorewire_server.tokens.tickets import TYP
from tests.clocks import SetClock
from tests.pair import Scores, bearing, prepare, refusal, running_scores
from tests.security.forging import answered, other_signature

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(lambda forger, ticket: ticket, id="the same ticket"),
        pytest.param(lambda forger, ticket: other_signature(ticket), id="with the other signature that verifies"),
        pytest.param(lambda forger, ticket: forger.ticket(), id="a fresh ticket for the same action"),
        pytest.param(lambda forger, ticket: forger.claiming(sub="friend"), id="for another user"),
    ],
)
async def test_a_ticket_counts_once(scores, forger, again):
    ticket = forger.ticket()
    first = await scores.redeem(ticket, forger.data)
    before = await scores.board()
    refused = await refusal(scores.redeem(again(forger, ticket), forger.data))
    assert (refused.code, refused.reason) == ("ALREADY_EXISTS", "TICKET_ALREADY_REDEEMED")
    assert refused.metadata == {
        "scoreIncrease": str(first.score_increase),
        "score": str(first.score),
        "revision": str(first.revision),
    }
    assert await scores.board() == before


async def test_a_ticket_sent_many_times_at_once_counts_once(scores, forger):
    ticket = forger.claiming(sub="racer")
    calls = [scores.redeem(ticket, forger.data) for _ in range(20)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    (standing,) = [each for each in (await scores.board()).standings if each.user_id == "racer"]
    assert standing.score == 10


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param((), id="none"),
        pytest.param((("authorization", ""),), id="empty"),
        pytest.param((("authorization", "Bearer"),), id="no token"),
        pytest.param((("authorization", "Basic bWFsbG9yeTo="),), id="another scheme"),
        pytest.param((*bearing("a.b.c"), *bearing("d.e.f")), id="two"),
        pytest.param((("ticket", "a.b.c"),), id="another header"),
    ],
)
async def test_a_call_without_a_ticket_is_refused(scores, metadata):
    call = scores.public.UpdateScore(UpdateScoreRequest(data=answered()), metadata=metadata)
    refused = await refusal(call)
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "TICKET_MISSING")


async def test_a_ticket_too_large_for_grpc_is_refused_by_grpc(scores):
    refused = await refusal(scores.redeem("x" * 200_000, answered()))
    assert (refused.code, refused.reason) == ("RESOURCE_EXHAUSTED", None)


@pytest.mark.parametrize("ticket", ["ticket-ünï", "ticket-\N{SNOWMAN}"], ids=ascii)
async def test_a_ticket_that_is_not_ascii_is_refused(scores, settings, ticket):
    """No gRPC client sends such a header, so this one speaks HTTP/2 by hand."""
    files = TlsFiles.of(settings.certs, "ops")
    context = ssl.create_default_context(cafile=str(files.ca))
    context.load_cert_chain(files.certificate, files.key)
    message = UpdateScoreRequest(data=answered()).SerializeToString()
    async with httpx.AsyncClient(http1=False, http2=True, verify=context) as client:
        response = await client.post(
            f"https://localhost:{scores.server.port}/scorewire.score.v1.ScoreService/UpdateScore",
            content=b"\0" + len(message).to_bytes(4, "big") + message,
            headers=[
                (b"content-type", b"application/grpc"),
                (b"te", b"trailers"),
                (b"authorization", b"Bearer " + ticket.encode()),
            ],
        )
    assert response.headers["grpc-status"] == "16"
    status = status_pb2.Status.FromString(b64decode(response.headers["grpc-status-details-bin"] + "=="))
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.reason == "TICKET_MALFORMED"


async def test_keys_change_while_the_server_runs(tmp_path, certs):
    """A new key is taken at once; what the old one signs is taken until its end, and by nobody afterwards."""
    settings, clock = prepare(tmp_path, certs), SetClock()
    async with running_scores(settings, clock) as scores:
        old = signing_key(settings.keys, "tickets", clock)
        new = rotate_key(settings.keys, "tickets", clock, "EdDSA", Pace(lead=30, lifetime=10)).key
        for later in (0, 30 + 10 + 30 - 1):
            clock.forward(later)
            for key in (new, old):
                await redeemed(scores, key, clock)
        clock.forward(1)
        assert (await refusal(redeemed(scores, old, clock))).reason == "TICKET_KEY_UNKNOWN"
        await redeemed(scores, new, clock)


async def test_a_leaked_key_is_refused_at_once(tmp_path, certs):
    settings, clock = prepare(tmp_path, certs), SetClock()
    async with running_scores(settings, clock) as scores:
        leaked = signing_key(settings.keys, "tickets", clock)
        await redeemed(scores, leaked, clock)
        new = rotate_key(settings.keys, "tickets", clock).key
        await redeemed(scores, new, clock)
        assert (await refusal(redeemed(scores, leaked, clock))).reason == "TICKET_KEY_UNKNOWN"


async def redeemed(scores: Scores, key: SigningKey, clock: SetClock) -> None:
    """Redeems a good ticket of that key for action data of its own."""
    now, data = int(clock()), answered()
    claims = {"iss": "scorewire-action", "aud": "scorewire-score", "sub": "ada", "iat": now, "exp": now + 10}
    await scores.redeem(key.sign(claims | {"jti": fingerprint(data)}, TYP), data)
