"""Sessions by every algorithm that identity providers use, their keys fetched from a URL: each as its issuer allows."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from tests.clocks import START
from tests.pair import AUDIENCE, PROVIDER, prepare, refusal, running_actions, running_scores
from tests.publisher import Publisher
from tests.security.forging import by_secret, compact, encoded, part

pytestmark = pytest.mark.asyncio(loop_scope="module")

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE: dict[str, Any] = {
    "rsa": RSA,
    "rsa-512": RSA,
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
OWN = {"rsa": None, "rsa-512": "RS512", "p256": "ES256", "p384": "ES384", "p521": "ES512", "ed25519": "EdDSA"}
"""The algorithm that each key names in the document; the RSA key names none."""
STRICT, WIDE = PROVIDER, "https://wide.example.com"
CLAIMS = {"aud": AUDIENCE, "sub": "ada", "iat": int(START), "exp": int(START) + 60}
EVERYTHING = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


def published() -> bytes:
    """The document of a provider that has a key of each kind, and one for secrets."""
    keys = []
    for kid, private in PRIVATE.items():
        algorithm = get_default_algorithms()[OWN[kid] or "RS256"]
        named = {"alg": OWN[kid]} if OWN[kid] else {}
        keys.append(algorithm.to_jwk(private.public_key(), as_dict=True) | {"kid": kid, "use": "sig"} | named)
    secrets = keys[0] | {"kid": "secrets", "use": "enc", "alg": "RSA-OAEP"}
    return json.dumps({"keys": [*keys, secrets]}).encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def actions(tmp_path_factory, certs, clock) -> AsyncIterator:
    async with Publisher(published()).running() as publisher:
        issuer = {"issuer": STRICT, "audience": AUDIENCE, "jwks_url": publisher.url, "user_prefix": ""}
        wide = issuer | {"issuer": WIDE, "algorithms": EVERYTHING}
        settings = prepare(tmp_path_factory.mktemp("providers"), certs, action={"session_issuers": [issuer, wide]})
        async with (
            running_scores(settings, clock) as scores,
            running_actions(settings, clock, scores.server.port) as actions,
        ):
            yield actions


def signed(kid: str, algorithm: str, issuer: str) -> str:
    header = {"alg": algorithm, "kid": kid, "typ": "at+jwt"}
    check = get_default_algorithms()[algorithm]
    return compact(header, CLAIMS | {"iss": issuer}, lambda data: check.sign(data, PRIVATE[kid]))


@pytest.mark.parametrize(
    ("kid", "algorithm", "issuer"),
    [
        *(pytest.param("rsa", each, WIDE, id=each) for each in EVERYTHING[:6]),
        *(pytest.param(kid, OWN[kid], WIDE, id=OWN[kid]) for kid in list(OWN)[2:]),
        *(
            pytest.param(kid, algorithm, STRICT, id=f"{algorithm}, by default")
            for kid, algorithm in {"rsa": "RS256", "p256": "ES256", "ed25519": "EdDSA"}.items()
        ),
    ],
)
async def test_what_an_issuer_may_sign_with_is_taken(actions, kid, algorithm, issuer):
    assert (await actions.do(signed(kid, algorithm, issuer))).message == "Successfully"


def by_public_key(form: serialization.Encoding) -> Callable[[str], str]:
    """HS256 with the RSA public key for a secret, which a confused verifier has in its hand."""
    public = RSA.public_key().public_bytes(form, serialization.PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "kid": "rsa", "typ": "at+jwt"}
    return lambda issuer: compact(header, CLAIMS | {"iss": issuer}, by_secret(public))


@pytest.mark.parametrize(
    ("forge", "issuer"),
    [
        *(
            pytest.param(lambda issuer, each=each: signed("rsa", each, issuer), STRICT, id=f"{each}, not allowed")
            for each in EVERYTHING[1:6]
        ),
        pytest.param(lambda issuer: signed("p384", "ES384", issuer), STRICT, id="ES384, not allowed"),
        pytest.param(lambda issuer: signed("p521", "ES512", issuer), STRICT, id="ES512, not allowed"),
        pytest.param(lambda issuer: signed("rsa-512", "RS256", issuer), WIDE, id="not the algorithm of the key"),
        pytest.param(lambda issuer: signed("rsa-512", "PS512", issuer), WIDE, id="PSS by a key for PKCS 1"),
        pytest.param(by_public_key(serialization.Encoding.PEM), WIDE, id="HS256 with the public key as PEM"),
        pytest.param(by_public_key(serialization.Encoding.DER), WIDE, id="HS256 with the public key as DER"),
        pytest.param(
            lambda issuer: part(signed("rsa", "RS256", issuer), 0, encoded({"alg": "ES256", "kid": "rsa"})),
            WIDE,
            id="RS256, said to be ES256",
        ),
    ],
)
async def test_what_an_issuer_may_not_sign_with_is_refused(actions, forge, issuer):
    refused = await refusal(actions.do(forge(issuer)))
    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "SESSION_INVALID")


async def test_a_key_for_secrets_signs_nothing(actions):
    header = {"alg": "RS256", "kid": "secrets", "typ": "at+jwt"}
    check = get_default_algorithms()["RS256"]
    token = compact(header, CLAIMS | {"iss": WIDE}, lambda data: check.sign(data, RSA))
    assert (await refusal(actions.do(token))).reason == "SESSION_INVALID"
