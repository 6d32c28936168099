"""Every way to make a ticket that is none: each is refused with its own reason, and no score changes."""

import pytest

from scorewire_server.tokens.fingerprint import fingerprint
from scorewire_server.tokens.signing import SigningKey, new_jwk
from tests.clocks import START
from tests.pair import refusal
from tests.security.forging import by, by_rsa, by_secret, compact, encoded, part, public_pem, unsigned

pytestmark = pytest.mark.asyncio(loop_scope="module")

STRANGER = SigningKey.of(new_jwk("ES256", START))
MALFORMED = "TICKET_MALFORMED"
FORGERIES = [
    pytest.param(lambda f: f.ticket(unsigned, alg="none"), "TICKET_ALGORITHM_NOT_ALLOWED", id="alg none"),
    pytest.param(lambda f: f.ticket(alg="none"), "TICKET_ALGORITHM_NOT_ALLOWED", id="alg none, signed"),
    pytest.param(lambda f: f.ticket(unsigned, alg="nOnE"), "TICKET_ALGORITHM_NOT_ALLOWED", id="alg nOnE"),
    pytest.param(lambda f: f.ticket(unsigned, alg="none", kid=...), "TICKET_KEY_UNKNOWN", id="alg none, no kid"),
    pytest.param(lambda f: f.ticket(unsigned), "TICKET_SIGNATURE_INVALID", id="no signature"),
    pytest.param(lambda f: f.ticket(alg=...), "TICKET_ALGORITHM_NOT_ALLOWED", id="no alg"),
    pytest.param(lambda f: f.ticket(alg=["ES256"]), "TICKET_ALGORITHM_NOT_ALLOWED", id="a list of algs"),
    pytest.param(
        lambda f: f.ticket(by_secret(public_pem(f.key)), alg="HS256"),
        "TICKET_ALGORITHM_NOT_ALLOWED",
        id="HS256 with the public key as its secret",
    ),
    pytest.param(
        lambda f: f.ticket(by_secret(public_pem(f.key))),
        "TICKET_SIGNATURE_INVALID",
        id="HS256 with the public key, said to be ES256",
    ),
    pytest.param(lambda f: f.ticket(by_secret(b""), alg="HS256"), "TICKET_ALGORITHM_NOT_ALLOWED", id="HS256, empty"),
    pytest.param(lambda f: f.ticket(by_rsa, alg="RS256"), "TICKET_ALGORITHM_NOT_ALLOWED", id="RS256"),
    pytest.param(lambda f: f.ticket(alg="EdDSA"), "TICKET_ALGORITHM_NOT_ALLOWED", id="the alg of another kind of key"),
    pytest.param(lambda f: f.ticket(kid="another"), "TICKET_KEY_UNKNOWN", id="another kid"),
    pytest.param(lambda f: f.ticket(kid=...), "TICKET_KEY_UNKNOWN", id="no kid"),
    pytest.param(lambda f: f.ticket(kid=7), MALFORMED, id="a number for a kid"),
    pytest.param(lambda f: f.ticket(kid="../../etc/passwd"), "TICKET_KEY_UNKNOWN", id="a path for a kid"),
    pytest.param(lambda f: f.ticket(by(STRANGER)), "TICKET_SIGNATURE_INVALID", id="another key"),
    pytest.param(
        lambda f: f.ticket(by(STRANGER), kid=STRANGER.kid), "TICKET_KEY_UNKNOWN", id="another key and its kid"
    ),
    pytest.param(
        lambda f: f.ticket(by(STRANGER), kid=STRANGER.kid, jwk=STRANGER.public),
        "TICKET_KEY_UNKNOWN",
        id="brings its key",
    ),
    pytest.param(
        lambda f: f.ticket(by(STRANGER), jwk=STRANGER.public),
        "TICKET_SIGNATURE_INVALID",
        id="brings its key for our kid",
    ),
    pytest.param(
        lambda f: f.ticket(by(STRANGER), jku="https://evil.example.com/jwks.json", x5c=["MIIB"], x5u="https://evil"),
        "TICKET_SIGNATURE_INVALID",
        id="says where its key is",
    ),
    pytest.param(
        lambda f: part(f.ticket(), 1, encoded(f.claims(sub="victim"))), "TICKET_SIGNATURE_INVALID", id="swapped payload"
    ),
    pytest.param(
        lambda f: part(f.ticket(), 0, encoded(f.header(typ="session+jwt"))),
        "TICKET_SIGNATURE_INVALID",
        id="swapped header",
    ),
    pytest.param(
        lambda f: part(f.ticket(), 2, encoded(bytes(64))), "TICKET_SIGNATURE_INVALID", id="a signature of zeros"
    ),
    pytest.param(lambda f: f.ticket(typ="session+jwt"), "TICKET_TYPE_INVALID", id="a session"),
    pytest.param(lambda f: f.guest_session(), "TICKET_KEY_UNKNOWN", id="a guest's session"),
    pytest.param(lambda f: f.ticket(typ="JWT"), "TICKET_TYPE_INVALID", id="any JWT"),
    pytest.param(lambda f: f.ticket(typ=...), "TICKET_TYPE_INVALID", id="no type"),
    pytest.param(lambda f: f.claiming(iss="scorewire-guests"), "TICKET_ISSUER_INVALID", id="another issuer"),
    pytest.param(lambda f: f.claiming(aud="another-service"), "TICKET_AUDIENCE_INVALID", id="another audience"),
    pytest.param(lambda f: f.claiming(iat=int(START) + 3, exp=int(START) + 13), "TICKET_FROM_FUTURE", id="future"),
    pytest.param(lambda f: f.claiming(iat=int(START) - 10, exp=int(START)), "TICKET_EXPIRED", id="expired"),
    pytest.param(lambda f: f.claiming(iat=int(START) - 3600), "TICKET_LIFETIME_TOO_LONG", id="made long ago"),
    pytest.param(lambda f: f.claiming(exp=int(START) + 11), "TICKET_LIFETIME_TOO_LONG", id="good for 11 seconds"),
    pytest.param(lambda f: f.claiming(exp=2**53), "TICKET_LIFETIME_TOO_LONG", id="good for ever"),
    pytest.param(lambda f: f.claiming(exp=2**70), "TICKET_CLAIM_INVALID", id="good beyond all numbers"),
    pytest.param(lambda f: f.claiming(jti=fingerprint("other")), "TICKET_DATA_MISMATCH", id="for other data"),
    pytest.param(lambda f: f.claiming(jti=fingerprint(f.data) + "="), "TICKET_DATA_MISMATCH", id="a padded jti"),
    pytest.param(lambda f: f.claiming(jti=""), "TICKET_DATA_MISMATCH", id="an empty jti"),
    pytest.param(lambda f: f.ticket(crit=["exp"]), MALFORMED, id="critical header"),
    pytest.param(lambda f: f.ticket(crit=["b64"], b64=False), MALFORMED, id="detached payload"),
    pytest.param(lambda f: f.ticket(crit=[]), MALFORMED, id="empty critical header"),
    pytest.param(lambda f: "ticket", MALFORMED, id="a word"),
    pytest.param(lambda f: "..", MALFORMED, id="dots"),
    pytest.param(lambda f: f.ticket().rpartition(".")[0], MALFORMED, id="two parts"),
    pytest.param(lambda f: f.ticket() + "." + f.ticket(), MALFORMED, id="six parts"),
    pytest.param(lambda f: f.ticket()[:-1], MALFORMED, id="truncated by a character"),
    pytest.param(lambda f: f.ticket()[:-6], "TICKET_SIGNATURE_INVALID", id="truncated in the signature"),
    pytest.param(lambda f: f.ticket() + "=", MALFORMED, id="padded"),
    pytest.param(lambda f: f.ticket().replace(".", ".!", 1), MALFORMED, id="a character that is not base64url"),
    pytest.param(lambda f: "Bearer " + f.ticket(), MALFORMED, id="bearer twice"),
    pytest.param(lambda f: part(f.ticket(), 0, encoded(b"[1]")), MALFORMED, id="a header that is no object"),
    pytest.param(lambda f: part(f.ticket(), 0, encoded(b"{")), MALFORMED, id="a header that is no JSON"),
    pytest.param(lambda f: part(f.ticket(), 0, encoded(b"\xff\xfe")), MALFORMED, id="a header that is no text"),
    pytest.param(lambda f: part(f.ticket(), 0, encoded(b'{"a":' * 600)), MALFORMED, id="a header nested deep"),
    pytest.param(lambda f: compact(f.header(), b"[" * 3000, by(f.key)), MALFORMED, id="claims nested deep"),
    pytest.param(lambda f: compact(f.header(), b"7", by(f.key)), MALFORMED, id="claims that are no object"),
    pytest.param(lambda f: compact(f.header(), b"", by(f.key)), MALFORMED, id="no claims"),
    pytest.param(lambda f: f.claiming(padding="x" * 5000), MALFORMED, id="huge"),
]


@pytest.mark.parametrize(("forge", "reason"), FORGERIES)
async def test_a_forgery_is_refused(scores, forger, forge, reason):
    before = await scores.board()
    refused = await refusal(scores.redeem(forge(forger), forger.data))
    code = "PERMISSION_DENIED" if reason == "TICKET_DATA_MISMATCH" else "UNAUTHENTICATED"
    assert (refused.code, refused.reason) == (code, reason)
    assert await scores.board() == before


WRONG_CLAIMS = {
    "iss": [..., None, 7, ["scorewire-action"]],
    "aud": [..., None, 7, ["scorewire-score"]],
    "sub": [..., None, 7, "", "a b", "ada\n", "x" * 65, "ünï"],
    "iat": [..., None, "1", True, START, "now"],
    "exp": [..., None, "1", True, START + 10],
    "jti": [..., None, 7, ["x"]],
    "name": [7, "", " Ada", "x" * 33, "A\u202eda"],
}


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        pytest.param(claim, value, id=f"{claim} {'missing' if value is ... else ascii(value)}")
        for claim, values in WRONG_CLAIMS.items()
        for value in values
    ],
)
async def test_a_claim_that_is_missing_or_wrong_is_named(scores, forger, claim, value):
    before = await scores.board()
    refused = await refusal(scores.redeem(forger.claiming(**{claim: value}), forger.data))
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "TICKET_CLAIM_INVALID")
    assert refused.metadata == {"claim": claim}
    assert await scores.board() == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data.replace("quiz.answer", "dice.roll"), id="another action"),
        pytest.param(lambda data: data + " ", id="a space more"),
        pytest.param(lambda data: data.replace('"correct":true', '"correct":true,"rolled":6'), id="a field more"),
        pytest.param(lambda data: "{}", id="other data"),
    ],
)
async def test_changed_action_data_is_refused(scores, forger, change):
    before = await scores.board()
    refused = await refusal(scores.redeem(forger.ticket(), change(forger.data)))
    assert (refused.code, refused.reason) == ("PERMISSION_DENIED", "TICKET_DATA_MISMATCH")
    assert await scores.board() == before
