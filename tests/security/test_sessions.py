"""Every way to make a session that is none: each is refused, nothing is done, and no score changes."""

import json

import pytest

from scorewire.action.v1.action_pb2 import DoActionRequest
from scorewire_server.tokens.keys import signing_file, signing_key
from scorewire_server.tokens.signing import SigningKey, new_jwk
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.tickets import TicketIssuer
from tests.clocks import START
from tests.pair import AUDIENCE, PROVIDER, bearing, refusal, session
from tests.security.forging import (
    by,
    by_rsa,
    by_secret,
    compact,
    der_signature,
    encoded,
    part,
    public_pem,
    spare_bits,
    unsigned,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

STRANGER = SigningKey.of(new_jwk("ES256", START))
CLAIMS = {"iss": PROVIDER, "aud": AUDIENCE, "sub": "mallory", "iat": int(START), "exp": int(START) + 60}


@pytest.fixture
def write(settings, clock):
    """Writes sessions of the provider's, with changes."""
    return lambda **changes: session(settings, clock, **changes)


@pytest.fixture
def key(settings):
    return signing_key(settings.keys, "provider")


def forged(key: SigningKey, sign=None, **header: object) -> str:
    return compact({"alg": "ES256", "kid": key.kid, "typ": "JWT"} | header, CLAIMS, sign or by(key))


def raw(key: SigningKey, claims: bytes) -> str:
    return compact({"alg": "ES256", "kid": key.kid}, claims, by(key))


FORGERIES = [
    pytest.param(lambda key: forged(key, unsigned, alg="none"), id="alg none"),
    pytest.param(lambda key: forged(key, unsigned), id="no signature"),
    pytest.param(lambda key: forged(key, by_secret(public_pem(key)), alg="HS256"), id="HS256 with the public key"),
    pytest.param(lambda key: forged(key, by_rsa, alg="RS256"), id="RS256"),
    pytest.param(lambda key: forged(key, kid="another"), id="another kid"),
    pytest.param(lambda key: forged(key, by(STRANGER)), id="another key"),
    pytest.param(lambda key: forged(key, by(STRANGER), jwk=STRANGER.public), id="brings its key"),
    pytest.param(lambda key: part(forged(key), 1, encoded(CLAIMS | {"sub": "victim"})), id="swapped payload"),
    pytest.param(lambda key: forged(key, crit=["exp"]), id="critical header"),
    pytest.param(lambda key: forged(key)[:-1], id="truncated"),
    pytest.param(lambda key: forged(key) + "=", id="padded"),
    pytest.param(lambda key: "session", id="a word"),
    pytest.param(lambda key: forged(key) + ".", id="four parts"),
    pytest.param(lambda key: forged(key, b64=False), id="b64 false"),
    pytest.param(lambda key: forged(key, zip="DEF"), id="zip"),
    pytest.param(lambda key: forged(key, kid=7), id="a number for a kid"),
    pytest.param(lambda key: forged(key, kid="../../etc/passwd"), id="a path for a kid"),
    pytest.param(lambda key: forged(key, kid="' OR '1'='1"), id="SQL for a kid"),
    pytest.param(lambda key: forged(key, by(STRANGER), jku="https://evil.example.com/jwks.json"), id="says where"),
    pytest.param(lambda key: der_signature(forged(key)), id="a DER signature"),
    pytest.param(lambda key: part(forged(key), 2, encoded(bytes(64))), id="a signature of zeros"),
    pytest.param(lambda key: spare_bits(forged(key), 2), id="spare bits"),
    pytest.param(lambda key: raw(key, b'{"sub":"mallory","sub":"victim"}'), id="sub twice"),
    pytest.param(lambda key: raw(key, b"[" * 3000), id="nested deep"),
    pytest.param(lambda key: raw(key, json.dumps(CLAIMS | {"exp": 10**400}).encode()), id="an end beyond all numbers"),
    pytest.param(lambda key: raw(key, json.dumps(CLAIMS | {"exp": 7}).replace("7}", "1e999}").encode()), id="endless"),
    pytest.param(lambda key: compact({"alg": "ES256", "kid": key.kid}, CLAIMS | {"x": "x" * 5000}, by(key)), id="huge"),
]


@pytest.mark.parametrize("forge", FORGERIES)
async def test_a_forged_session_is_refused(actions, scores, key, forge):
    before = await scores.board()
    refused = await refusal(actions.do(forge(key)))
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "SESSION_INVALID")
    assert await scores.board() == before


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "https://evil.example.com"}, id="another issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"iss": [PROVIDER]}, id="a list of issuers"),
        pytest.param({"iss": "scorewire-guests", "aud": "scorewire-action", "typ": "session+jwt"}, id="plays a guest"),
        pytest.param({"purpose": "guests"}, id="signed with the key of guests"),
        pytest.param({"purpose": "tickets"}, id="signed with the key of tickets"),
        pytest.param({"aud": "another"}, id="another audience"),
        pytest.param({"aud": None}, id="no audience"),
        pytest.param({"aud": ["another", 7]}, id="other audiences"),
        pytest.param({"aud": {AUDIENCE: 1}}, id="an object for an audience"),
        pytest.param({"typ": "score-ticket+jwt"}, id="the type of a ticket"),
        pytest.param({"typ": "logout+jwt"}, id="another type"),
        pytest.param({"sub": None}, id="no user"),
        pytest.param({"sub": 7}, id="a number for a user"),
        pytest.param({"sub": "auth0|7"}, id="a user id with a character that is none of one"),
        pytest.param({"sub": "x" * 65}, id="a user id that is too long"),
        pytest.param({"exp": None}, id="no end"),
        pytest.param({"exp": "2099-01-01"}, id="a text for its end"),
        pytest.param({"exp": True}, id="truth for its end"),
        pytest.param({"exp": -1}, id="an end before all time"),
        pytest.param({"exp": 2**53}, id="an end that no number says exactly"),
        pytest.param({"auth_time": -(2**60)}, id="a sign-in before all times"),
        pytest.param({"auth_time": START + 1e300}, id="a sign-in beyond all numbers"),
        pytest.param({"iat": [START]}, id="a list for its beginning"),
        pytest.param({"sub": "m\u0430llory"}, id="a user id that looks like another"),
        pytest.param({"iat": START + 3}, id="from the future"),
        pytest.param({"nbf": START + 3}, id="not good yet"),
        pytest.param({"nbf": "now"}, id="a text for its beginning"),
    ],
)
async def test_a_session_with_a_wrong_claim_is_refused(actions, scores, write, changes):
    before = await scores.board()
    refused = await refusal(actions.do(write(**changes)))
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "SESSION_INVALID")
    assert await scores.board() == before


async def test_a_session_that_is_over_is_refused(actions, scores, write):
    before = await scores.board()
    refused = await refusal(actions.do(write(iat=START - 60, exp=START - 2)))
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "SESSION_EXPIRED")
    assert await scores.board() == before


async def test_a_ticket_is_no_session(actions, settings, clock):
    issuer = TicketIssuer(
        SigningFile(signing_file(settings.keys, "tickets"), clock), issuer=PROVIDER, audience=AUDIENCE, clock=clock
    )
    refused = await refusal(actions.do(issuer.issue("mallory", None, "{}")))
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "SESSION_INVALID")


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param((), id="none"),
        pytest.param((("authorization", "Basic bWFsbG9yeTo="),), id="another scheme"),
        pytest.param((*bearing("a.b.c"), *bearing("d.e.f")), id="two"),
    ],
)
async def test_a_call_without_a_session_is_refused(actions, scores, metadata):
    before = await scores.board()
    refused = await refusal(actions.actions.DoAction(DoActionRequest(), metadata=metadata))
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "SESSION_MISSING")
    assert await scores.board() == before


async def test_a_good_session_earns(actions, scores, write):
    """What the others lack is all that they lack."""
    answer = await actions.do(write(sub="honest"))
    assert [s.score for s in (await scores.board()).standings if s.user_id == "honest"] == [answer.score]


async def test_a_guest_lasts_until_its_session_ends(actions, settings, clock):
    guest = await actions.sign_in()
    assert (await actions.do(guest.token)).score > 0
    assert guest.expire_time.seconds == START + settings.action.guest_session_seconds
    clock.forward(settings.action.guest_session_seconds + 2)
    refused = await refusal(actions.do(guest.token))
    clock.forward(-settings.action.guest_session_seconds - 2)
    assert refused.reason == "SESSION_EXPIRED"
