"""Public keys: what a JWKS may hold, and files that may change while the server runs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from structlog.testing import capture_logs

from scorewire_server.tokens import public_keys
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.keys import Pace, jwks_file, make_keys, rotate_key, signing_key
from scorewire_server.tokens.public_keys import JwksMistake
from scorewire_server.tokens.signing import OURS, SigningKey, new_jwk
from tests.clocks import START, SetClock

ES256 = SigningKey.of(new_jwk("ES256", 0)).public
EDDSA = SigningKey.of(new_jwk("EdDSA", 0)).public


def of_rsa(size: int, **members: object) -> dict:
    public = rsa.generate_private_key(public_exponent=65537, key_size=size).public_key()
    return {**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": "rsa", "use": "sig"} | members


def of_curve(curve: ec.EllipticCurve, **members: object) -> dict:
    return {**ECAlgorithm.to_jwk(ec.generate_private_key(curve).public_key(), as_dict=True), "kid": "ec"} | members


RSA = of_rsa(2048)
P384 = of_curve(ec.SECP384R1())
PROVIDERS = ("RS256", "ES256", "EdDSA")


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "jwks.json"


def document(*keys: object) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


def write(path: Path, *keys: object) -> None:
    path.write_bytes(document(*keys))


def read(content: bytes, algorithms=OURS) -> Mapping[str, Any]:
    return public_keys.read_jwks(content, "place", algorithms)


@pytest.mark.parametrize(
    ("key", "allowed", "checked"),
    [
        pytest.param(ES256, OURS, {"ES256"}, id="ES256"),
        pytest.param(EDDSA, OURS, {"EdDSA"}, id="EdDSA"),
        pytest.param(RSA, PROVIDERS, {"RS256"}, id="RSA, as far as allowed"),
        pytest.param(RSA, ("RS256", "PS512", "ES256"), {"RS256", "PS512"}, id="RSA, which names no algorithm"),
        pytest.param(RSA | {"alg": "PS512"}, ("RS256", "PS512"), {"PS512"}, id="RSA, which names one"),
        pytest.param(P384, ("ES256", "ES384"), {"ES384"}, id="P-384"),
        pytest.param(of_curve(ec.SECP521R1()), ("ES512",), {"ES512"}, id="P-521"),
    ],
)
def test_a_key_is_bound_to_the_algorithms_of_its_kind(key, allowed, checked):
    (found,) = read(document(key), allowed).values()
    assert set(found.checks) == checked
    assert {check.algorithm_name for check in found.checks.values()} == checked


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(RSA, id="RSA"),
        pytest.param(EDDSA | {"kid": 7}, id="a kid that is no string"),
        pytest.param({name: EDDSA[name] for name in ("kty", "crv", "x")}, id="no kid"),
        pytest.param(EDDSA | {"use": "enc"}, id="for encryption"),
        pytest.param(EDDSA | {"key_ops": ["sign"]}, id="not for verifying"),
        pytest.param(EDDSA | {"key_ops": 5}, id="operations that are no list"),
        pytest.param(EDDSA | {"alg": "HS256"}, id="an algorithm that is not the key's"),
        pytest.param(EDDSA | {"alg": "none"}, id="no algorithm"),
        pytest.param(P384, id="a curve for an algorithm that is not allowed"),
        pytest.param(of_curve(ec.SECP256K1()), id="a curve for no algorithm"),
        pytest.param(RSA | {"use": "enc", "n": "AQAB"}, id="weak, but not for signatures"),
        pytest.param({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "kid": "new"}, id="a kind of key to come"),
    ],
)
def test_keys_of_no_use_are_left_out(member):
    with capture_logs() as logs:
        assert list(read(document(member, ES256))) == [ES256["kid"]]
    assert [line["log_level"] for line in logs] == ["warning"]


REFUSED = [
    pytest.param(b"", "not JSON", id="empty"),
    pytest.param(b"<!DOCTYPE html><html><body>Sign in</body></html>", "not JSON.*no page", id="HTML"),
    pytest.param(b"\xff\xfe", "not JSON", id="no text"),
    pytest.param(b"[" * 100_000, "not JSON", id="nested deep"),
    pytest.param(b" " * 300_000, "more than 262144 bytes", id="huge"),
    pytest.param(b"[]", "not a JWKS", id="no object"),
    pytest.param(b'{"keys": {}}', "not a JWKS", id="keys that are no list"),
    pytest.param(b'{"keys": [], "keys": [{}]}', "not JSON: a name stands twice", id="keys twice"),
    pytest.param(b'{"keys": []}', "no public key with a kid for ES256, EdDSA", id="no keys"),
    pytest.param(b'{"keys": ["key"]}', r"keys\[0\]: not a JWK", id="a key that is no object"),
    pytest.param(document(RSA), "no public key with a kid for ES256, EdDSA", id="nothing that is allowed"),
    pytest.param(
        document(ES256, {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}), r"keys\[1\]: .*symmetric", id="symmetric"
    ),
    pytest.param(document(ES256 | {"d": "AA"}), r"keys\[0\]: a private .*change this one", id="private"),
    pytest.param(document(RSA | {"d": "AA"}, ES256), r"keys\[0\]: a private", id="private RSA"),
    pytest.param(document(RSA | {"p": "AA"}, ES256), r"keys\[0\]: a private", id="a prime of RSA"),
    pytest.param(document(RSA | {"use": "enc", "d": "AA"}, ES256), r"keys\[0\]: a private", id="private, for secrets"),
    pytest.param(document(ES256, ES256), r"keys\[1\]: a second key with the kid", id="twice"),
    pytest.param(document(ES256, EDDSA | {"kid": ES256["kid"]}), "a second key with the kid", id="two of one kid"),
    pytest.param(document(of_curve(ec.SECP256R1()) | {"crv": "P-192"}, ES256), "P-192 is weak", id="a weak curve"),
    pytest.param(document(ES256 | {"crv": "secp224r1"}, ES256), "secp224r1 is weak", id="another weak curve"),
    pytest.param(document(ES256 | {"crv": None}), "None is weak or unknown", id="no curve"),
    pytest.param(document(ES256 | {"x": "AA"}), r"keys\[0\]: not a key", id="not on the curve"),
    pytest.param(document(ES256 | {"x": 5}), r"keys\[0\]: not a key", id="a number for a coordinate"),
    pytest.param(document(EDDSA | {"x": "AA"}), r"keys\[0\]: not a key", id="a short key"),
]


@pytest.mark.parametrize(("content", "problem"), REFUSED)
def test_a_broken_document_is_refused(content, problem):
    with pytest.raises(JwksMistake, match=f"place.*{problem}"):
        read(content)


@pytest.mark.parametrize("size", [1024, 2047])
def test_a_small_rsa_key_is_refused(size):
    with pytest.raises(JwksMistake, match=r"keys\[1\]: an RSA key of less than 2048 bits"):
        read(document(ES256, of_rsa(size)), PROVIDERS)


@pytest.mark.parametrize(("content", "problem"), REFUSED)
async def test_a_broken_file_stops_the_start_and_no_running_server(path, content, problem):
    path.write_bytes(content)
    with pytest.raises(JwksMistake, match=f"{path}.*{problem}"):
        JwksFile(path, OURS, SetClock())
    write(path, EDDSA)
    clock = SetClock()
    keys = JwksFile(path, OURS, clock, clock)
    path.write_bytes(content)
    clock.forward(1)
    with capture_logs() as logs:
        assert await keys.find(EDDSA["kid"])
    (line,) = [line for line in logs if line["log_level"] == "error"]
    assert "the last good ones stay" in line["event"]
    assert str(path) in line["problem"]


def test_a_missing_file_says_what_to_do(path):
    with pytest.raises(JwksMistake, match="scorewire keys make"):
        JwksFile(path, OURS, SetClock())


async def test_a_new_key_is_found_at_once(tmp_path):
    clock = SetClock()
    make_keys(tmp_path, clock)
    keys = JwksFile(jwks_file(tmp_path, "tickets"), OURS, clock, clock)
    new = rotate_key(tmp_path, "tickets", clock, pace=Pace(30, 10))
    assert await keys.find(new.key.kid) is not None


async def test_an_old_key_is_gone_a_second_after_it_was_refused(tmp_path):
    clock = SetClock()
    make_keys(tmp_path, clock)
    old = signing_key(tmp_path, "tickets", clock).kid
    keys = JwksFile(jwks_file(tmp_path, "tickets"), OURS, SetClock(0), clock)
    rotate_key(tmp_path, "tickets", clock)
    clock.forward(0.9)
    assert await keys.find(old) is not None
    clock.forward(0.1)
    assert await keys.find(old) is None


async def test_a_key_ends_though_its_file_stays(path):
    clock = SetClock()
    write(path, ES256 | {"exp": START + 5}, EDDSA)
    keys = JwksFile(path, OURS, clock, clock)
    clock.forward(4.9)
    assert await keys.find(ES256["kid"]) is not None
    clock.forward(0.1)
    assert await keys.find(ES256["kid"]) is None
    assert await keys.find(EDDSA["kid"]) is not None


@pytest.mark.parametrize("broken", ["{", None], ids=["broken", "gone"])
async def test_the_last_good_keys_stay(path, broken):
    write(path, ES256)
    clock = SetClock()
    keys = JwksFile(path, OURS, clock, clock)
    if broken:
        path.write_text(broken)
    else:
        path.unlink()
    with capture_logs() as logs:
        for _ in range(3):
            clock.forward(1)
            assert await keys.find(ES256["kid"]) is not None
    assert [line["log_level"] for line in logs] == ["error"]
    write(path, EDDSA)
    assert await keys.find(EDDSA["kid"]) is not None
    assert await keys.find(ES256["kid"]) is None


async def test_a_known_key_costs_no_look_at_the_file(path):
    write(path, ES256)
    clock = SetClock()
    keys = JwksFile(path, OURS, clock, clock)
    path.unlink()
    with capture_logs() as logs:
        assert await keys.find(ES256["kid"]) is not None
    assert logs == []
