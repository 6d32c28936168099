"""Tickets that nobody should write: how each is forged, and the reason that it is refused with."""

from itertools import product

import pytest

from scorewire_server.tokens.fingerprint import fingerprint
from scorewire_server.tokens.signing import SigningKey, new_jwk
from tests.clocks import START
from tests.security import forging
from tests.security.forging import by, by_rsa, by_secret, compact, encoded, part, unsigned

STRANGER = SigningKey.of(new_jwk("ES256", START))
NOW = int(START)
MALFORMED = "TICKET_MALFORMED"
KEY = "TICKET_KEY_UNKNOWN"
ALGORITHM = "TICKET_ALGORITHM_NOT_ALLOWED"
SIGNATURE = "TICKET_SIGNATURE_INVALID"

KEYS = [
    pytest.param(lambda f: f.ticket(alg="none"), ALGORITHM, id="alg none, signed"),
    pytest.param(lambda f: f.ticket(unsigned, alg="none", kid=...), KEY, id="alg none, no kid"),
    pytest.param(lambda f: f.ticket(unsigned), SIGNATURE, id="no signature"),
    pytest.param(lambda f: f.ticket(alg=...), ALGORITHM, id="no alg"),
    pytest.param(lambda f: f.ticket(alg=["ES256"]), ALGORITHM, id="a list of algs"),
    pytest.param(lambda f: f.ticket(by_secret(b""), alg="HS256"), ALGORITHM, id="HS256, empty"),
    pytest.param(lambda f: f.ticket(by_rsa, alg="RS256"), ALGORITHM, id="RS256"),
    pytest.param(lambda f: f.ticket(alg="EdDSA"), ALGORITHM, id="the alg of another kind of key"),
    pytest.param(lambda f: f.ticket(kid="another"), KEY, id="another kid"),
    pytest.param(lambda f: f.ticket(kid=...), KEY, id="no kid"),
    pytest.param(lambda f: f.ticket(kid="../../etc/passwd"), KEY, id="a path for a kid"),
    pytest.param(lambda f: f.ticket(by(STRANGER)), SIGNATURE, id="another key"),
    pytest.param(lambda f: f.ticket(by(STRANGER), kid=STRANGER.kid), KEY, id="another key and its kid"),
    pytest.param(
        lambda f: f.ticket(by(STRANGER), kid=STRANGER.kid, jwk=STRANGER.public),
        KEY,
        id="brings its key",
    ),
    pytest.param(
        lambda f: f.ticket(by(STRANGER), jwk=STRANGER.public),
        SIGNATURE,
        id="brings its key for our kid",
    ),
    pytest.param(
        lambda f: f.ticket(by(STRANGER), jku="https://evil.example.com/jwks.json", x5c=["MIIB"], x5u="https://evil"),
        SIGNATURE,
        id="says where its key is",
    ),
    pytest.param(lambda f: part(f.ticket(), 1, encoded(f.claims(sub="victim"))), SIGNATURE, id="swapped payload"),
    pytest.param(
        lambda f: part(f.ticket(), 0, encoded(f.header(typ="session+jwt"))),
        SIGNATURE,
        id="swapped header",
    ),
    pytest.param(lambda f: part(f.ticket(), 2, encoded(bytes(64))), SIGNATURE, id="a signature of zeros"),
    pytest.param(lambda f: f.ticket()[:-6], SIGNATURE, id="truncated in the signature"),
    *(
        pytest.param(lambda f, alg=alg: f.ticket(unsigned, alg=alg), ALGORITHM, id=f"alg {alg}")
        for alg in map("".join, product("nN", "oO", "nN", "eE"))
    ),
    *(
        pytest.param(
            lambda f, secret=secret, alg=alg: f.ticket(by_secret(secret(f.key)), alg=alg),
            ALGORITHM if alg == "HS256" else SIGNATURE,
            id=f"HMAC with the public key as {name}, said to be {alg}",
        )
        for name, secret in forging.PUBLIC_FORMS.items()
        for alg in ("HS256", "ES256")
    ),
    pytest.param(lambda f: f.ticket(alg="ES256 "), ALGORITHM, id="alg with a space"),
    pytest.param(lambda f: f.ticket(alg="es256"), ALGORITHM, id="alg in small letters"),
    pytest.param(lambda f: f.ticket(alg=None), ALGORITHM, id="alg null"),
    pytest.param(lambda f: f.ticket(kid="/dev/null"), KEY, id="an empty file for a kid"),
    pytest.param(lambda f: f.ticket(kid="' OR '1'='1"), KEY, id="SQL for a kid"),
    pytest.param(lambda f: f.ticket(kid="x'; DROP TABLE awards; --"), KEY, id="more SQL for a kid"),
    pytest.param(lambda f: f.ticket(kid="$(touch /tmp/owned)"), KEY, id="a command for a kid"),
    pytest.param(lambda f: f.ticket(kid=""), KEY, id="an empty kid"),
    pytest.param(lambda f: f.ticket(kid="k" * 4000), KEY, id="a huge kid"),
    pytest.param(lambda f: f.ticket(kid="\ud800"), KEY, id="half a character for a kid"),
    pytest.param(lambda f: f.ticket(kid=f.key.kid + "\0"), KEY, id="our kid and a zero"),
    pytest.param(lambda f: part(f.ticket(), 2, encoded(forging.ORDER_BYTES * 2)), SIGNATURE, id="r = s = n"),
    pytest.param(lambda f: part(f.ticket(), 2, encoded(bytes(32) + b"\1" * 32)), SIGNATURE, id="r = 0"),
    pytest.param(lambda f: part(f.ticket(), 2, encoded(b"\1" * 32 + bytes(32))), SIGNATURE, id="s = 0"),
    pytest.param(lambda f: forging.der_signature(f.ticket()), SIGNATURE, id="a DER signature"),
    pytest.param(lambda f: forging.resigned(f.ticket(), lambda raw: raw + b"\0"), SIGNATURE, id="a byte more"),
    pytest.param(lambda f: forging.resigned(f.ticket(), lambda raw: raw * 2), SIGNATURE, id="the signature twice"),
    pytest.param(lambda f: forging.resigned(f.ticket(), lambda raw: raw[:-1]), SIGNATURE, id="a byte less"),
    pytest.param(lambda f: forging.resigned(f.ticket(), lambda raw: raw[:32]), SIGNATURE, id="half a signature"),
    pytest.param(
        lambda f: forging.resigned(f.ticket(), lambda raw: b"\0" + raw[:32] + b"\0" + raw[32:]),
        SIGNATURE,
        id="longer numbers",
    ),
    pytest.param(lambda f: part(f.ticket(), 2, "A" * 5000), SIGNATURE, id="a huge signature"),
]

FORM = [
    pytest.param(lambda f: f.ticket(kid=7), MALFORMED, id="a number for a kid"),
    pytest.param(lambda f: f.ticket(crit=["exp"]), MALFORMED, id="critical header"),
    pytest.param(lambda f: f.ticket(crit=["b64"], b64=False), MALFORMED, id="detached payload"),
    pytest.param(lambda f: f.ticket(crit=[]), MALFORMED, id="empty critical header"),
    pytest.param(lambda f: "ticket", MALFORMED, id="a word"),
    pytest.param(lambda f: "..", MALFORMED, id="dots"),
    pytest.param(lambda f: f.ticket().rpartition(".")[0], MALFORMED, id="two parts"),
    pytest.param(lambda f: f.ticket() + "." + f.ticket(), MALFORMED, id="six parts"),
    pytest.param(lambda f: f.ticket()[:-1], MALFORMED, id="truncated by a character"),
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
    pytest.param(lambda f: f.ticket(crit=["b64"], b64=True), MALFORMED, id="critical b64, true"),
    pytest.param(lambda f: f.ticket(b64=False), MALFORMED, id="b64 false"),
    pytest.param(lambda f: f.ticket(zip="DEF"), MALFORMED, id="zip"),
    pytest.param(lambda f: f.ticket(crit=None), MALFORMED, id="crit null"),
    pytest.param(lambda f: f.ticket(kid=None), MALFORMED, id="kid null"),
    pytest.param(lambda f: f.ticket(kid=[f.key.kid]), MALFORMED, id="a list for a kid"),
    pytest.param(lambda f: f.ticket(padding="x" * 5000), MALFORMED, id="a huge header"),
    pytest.param(lambda f: forging.twice(f, header='"alg":"none"'), MALFORMED, id="alg twice"),
    pytest.param(lambda f: forging.twice(f, header='"kid":"another"'), MALFORMED, id="kid twice"),
    pytest.param(lambda f: forging.twice(f, claims='"sub":"victim"'), MALFORMED, id="sub twice"),
    pytest.param(lambda f: forging.twice(f, claims='"exp":9007199254740990'), MALFORMED, id="exp twice"),
    pytest.param(lambda f: forging.twice(f, claims='"s\\u0075b":"victim"'), MALFORMED, id="sub twice, once escaped"),
    pytest.param(lambda f: forging.twice(f, claims='"x":{"y":1,"y":2}'), MALFORMED, id="twice inside a claim"),
    pytest.param(lambda f: forging.twice(f, claims='"iat":NaN'), MALFORMED, id="NaN"),
    pytest.param(lambda f: forging.twice(f, claims='"x":Infinity'), MALFORMED, id="Infinity"),
    pytest.param(lambda f: forging.twice(f, claims='"x":-Infinity'), MALFORMED, id="-Infinity"),
    pytest.param(lambda f: compact(f.header(), b"[" * 4000 + b"]" * 400, by(f.key)), MALFORMED, id="claims too deep"),
    pytest.param(
        lambda f: compact(b"[" * 2100 + b"]" * 2100, f.claims(), by(f.key)), MALFORMED, id="lists for a header"
    ),
    pytest.param(
        lambda f: compact(b'{"alg":' + b"[" * 2000 + b"]" * 2000 + b"}", f.claims(), by(f.key)),
        MALFORMED,
        id="a header too deep",
    ),
    pytest.param(
        lambda f: compact(f.header(), b'{"exp":' + b"9" * 4400 + b"}", by(f.key)), MALFORMED, id="a huge number"
    ),
    pytest.param(lambda f: forging.spare_bits(f.ticket(), 0), MALFORMED, id="spare bits in the header"),
    pytest.param(lambda f: forging.spare_bits(f.ticket(), 1), MALFORMED, id="spare bits in the claims"),
    pytest.param(lambda f: forging.spare_bits(f.ticket(), 2), MALFORMED, id="spare bits in the signature"),
    pytest.param(forging.standard_base64, MALFORMED, id="+ and / for - and _"),
    pytest.param(lambda f: f.ticket().replace(".", " .", 1), MALFORMED, id="a space inside"),
    pytest.param(lambda f: f.ticket() + "==", MALFORMED, id="padded twice"),
    pytest.param(lambda f: "." + f.ticket(), MALFORMED, id="a dot before"),
    pytest.param(lambda f: f.ticket() + ".", MALFORMED, id="a dot behind"),
    pytest.param(lambda f: f.ticket() + "." + encoded(bytes(64)), MALFORMED, id="four parts"),
    pytest.param(forging.jwe, MALFORMED, id="a JWE of five parts"),
    pytest.param(lambda f: forging.json_serialized(f, general=True), MALFORMED, id="JSON serialization"),
    pytest.param(lambda f: forging.json_serialized(f, general=False), MALFORMED, id="flattened JSON serialization"),
    pytest.param(lambda f: compact(f.header(), b"\xef\xbb\xbf{}", by(f.key)), MALFORMED, id="a byte order mark"),
    pytest.param(lambda f: compact(f.header(), '{"sub":"x"}'.encode("utf-16"), by(f.key)), MALFORMED, id="UTF-16"),
    pytest.param(lambda f: compact(f.header(), b'{"sub":"x"} {}', by(f.key)), MALFORMED, id="two payloads"),
]

CLAIMS = [
    pytest.param(lambda f: f.ticket(typ="session+jwt"), "TICKET_TYPE_INVALID", id="a session"),
    pytest.param(lambda f: f.guest_session(), "TICKET_TYPE_INVALID", id="a guest's session"),
    pytest.param(lambda f: f.ticket(typ="JWT"), "TICKET_TYPE_INVALID", id="any JWT"),
    pytest.param(lambda f: f.ticket(typ=...), "TICKET_TYPE_INVALID", id="no type"),
    pytest.param(lambda f: f.claiming(iss="scorewire-guests"), "TICKET_ISSUER_INVALID", id="another issuer"),
    pytest.param(lambda f: f.claiming(aud="another-service"), "TICKET_AUDIENCE_INVALID", id="another audience"),
    pytest.param(lambda f: f.claiming(iat=NOW + 3, exp=NOW + 13), "TICKET_FROM_FUTURE", id="future"),
    pytest.param(lambda f: f.claiming(iat=NOW - 10, exp=NOW), "TICKET_EXPIRED", id="expired"),
    pytest.param(lambda f: f.claiming(iat=NOW - 3600), "TICKET_LIFETIME_TOO_LONG", id="made long ago"),
    pytest.param(lambda f: f.claiming(exp=NOW + 11), "TICKET_LIFETIME_TOO_LONG", id="good for 11 seconds"),
    pytest.param(lambda f: f.claiming(exp=2**53 - 1), "TICKET_LIFETIME_TOO_LONG", id="good for ever"),
    pytest.param(lambda f: f.claiming(jti=fingerprint("other")), "TICKET_DATA_MISMATCH", id="for other data"),
    pytest.param(lambda f: f.claiming(jti=fingerprint(f.data) + "="), "TICKET_DATA_MISMATCH", id="a padded jti"),
    pytest.param(lambda f: f.claiming(jti=""), "TICKET_DATA_MISMATCH", id="an empty jti"),
    pytest.param(lambda f: f.ticket(typ="score-ticket+JWT"), "TICKET_TYPE_INVALID", id="the type in capitals"),
    pytest.param(lambda f: f.ticket(typ=["score-ticket+jwt"]), "TICKET_TYPE_INVALID", id="a list of types"),
    *(
        pytest.param(lambda f, iss=iss: f.claiming(iss=iss), "TICKET_ISSUER_INVALID", id=f"issuer {iss!a}")
        for iss in (None, 7, ["scorewire-action"], "scorewire-action ", "\u0455corewire-action")
    ),
    *(
        pytest.param(lambda f, aud=aud: f.claiming(aud=aud), "TICKET_AUDIENCE_INVALID", id=f"audience {aud!a}")
        for aud in (None, 7, ["scorewire-score"], {"scorewire-score": 1}, "scorewire-scor\u0435")
    ),
    pytest.param(lambda f: f.claiming(iat=0), "TICKET_LIFETIME_TOO_LONG", id="made in 1970"),
    pytest.param(lambda f: f.claiming(iat=NOW, exp=0), "TICKET_EXPIRED", id="over in 1970"),
    pytest.param(lambda f: f.claiming(iat=2**53 - 11, exp=2**53 - 1), "TICKET_FROM_FUTURE", id="made in ages"),
    pytest.param(
        lambda f: f.claiming(jti=fingerprint(f.data).lower()), "TICKET_DATA_MISMATCH", id="jti in small letters"
    ),
]

FORGERIES = [*KEYS, *FORM, *CLAIMS]
