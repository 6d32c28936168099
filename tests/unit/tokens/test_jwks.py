"""Public keys from a file that may change while the server runs."""

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from scorewire_server.tokens.jwks import JwksFile, JwksMistake, read_jwks
from scorewire_server.tokens.keys import forget_old_keys, jwks_file, make_keys, rotate_key, signing_file
from scorewire_server.tokens.signing import SigningKey, new_jwk
from tests.clocks import SetClock

ES256 = SigningKey.of(new_jwk("ES256", 0)).public
EDDSA = SigningKey.of(new_jwk("EdDSA", 0)).public
RSA = {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "rsa", "alg": "RS256", "use": "sig"}


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "jwks.json"


def write(path: Path, *keys: object) -> None:
    path.write_text(json.dumps({"keys": list(keys)}))


def test_keys_are_found_by_kid_and_bound_to_their_algorithm(path):
    write(path, ES256, EDDSA)
    keys = JwksFile(path)
    assert keys.find(ES256["kid"]).algorithm == "ES256"
    assert keys.find(EDDSA["kid"]).algorithm == "EdDSA"
    assert keys.find("another") is None


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
        pytest.param({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "p384"}, id="another curve"),
    ],
)
def test_keys_of_no_use_are_left_out(path, member):
    write(path, member, ES256)
    with capture_logs() as logs:
        assert list(read_jwks(path)) == [ES256["kid"]]
    assert [line["log_level"] for line in logs] == ["warning"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param("", "not JSON", id="empty"),
        pytest.param("[]", "not a JWKS", id="no object"),
        pytest.param('{"keys": {}}', "not a JWKS", id="keys that are no list"),
        pytest.param('{"keys": []}', "no public ES256 or EdDSA", id="no keys"),
        pytest.param('{"keys": ["key"]}', r"keys\[0\]: not a JWK", id="a key that is no object"),
        pytest.param(json.dumps({"keys": [RSA]}), "no public ES256 or EdDSA", id="RSA alone"),
        pytest.param(
            json.dumps({"keys": [ES256, {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}]}),
            r"keys\[1\]: .*symmetric",
            id="oct",
        ),
        pytest.param(json.dumps({"keys": [ES256 | {"d": "AA"}]}), r"keys\[0\]: a private", id="private"),
        pytest.param(json.dumps({"keys": [RSA | {"d": "AA"}, ES256]}), r"keys\[0\]: a private", id="private RSA"),
        pytest.param(json.dumps({"keys": [ES256, ES256]}), "a second key with the kid", id="twice"),
        pytest.param(json.dumps({"keys": [ES256 | {"x": "AA"}]}), r"keys\[0\]: not a key", id="not on the curve"),
        pytest.param(json.dumps({"keys": [ES256 | {"x": 5}]}), r"keys\[0\]: not a key", id="a number for a coordinate"),
    ],
)
def test_a_broken_file_stops_the_start(path, content, problem):
    path.write_text(content)
    with pytest.raises(JwksMistake, match=problem):
        JwksFile(path)


def test_a_missing_file_says_what_to_do(path):
    with pytest.raises(JwksMistake, match="scorewire keys make"):
        JwksFile(path)


def test_a_new_key_is_found_at_once(tmp_path):
    make_keys(tmp_path)
    keys = JwksFile(jwks_file(tmp_path, "tickets"), SetClock())
    assert keys.find(rotate_key(tmp_path, "tickets")) is not None


def test_an_old_key_is_gone_a_second_after_it_was_forgotten(tmp_path):
    make_keys(tmp_path)
    old = SigningKey.read(signing_file(tmp_path, "tickets")).kid
    rotate_key(tmp_path, "tickets")
    clock = SetClock()
    keys = JwksFile(jwks_file(tmp_path, "tickets"), clock)
    forget_old_keys(tmp_path, "tickets")
    clock.forward(0.9)
    assert keys.find(old) is not None
    clock.forward(0.1)
    assert keys.find(old) is None


@pytest.mark.parametrize("broken", ["{", None], ids=["broken", "gone"])
def test_the_last_good_keys_stay(path, broken):
    write(path, ES256)
    clock = SetClock()
    keys = JwksFile(path, clock)
    if broken:
        path.write_text(broken)
    else:
        path.unlink()
    with capture_logs() as logs:
        for _ in range(3):
            clock.forward(1)
            assert keys.find(ES256["kid"]) is not None
    assert [line["log_level"] for line in logs] == ["error"]
    write(path, EDDSA)
    assert keys.find(EDDSA["kid"]) is not None
    assert keys.find(ES256["kid"]) is None


def test_a_known_key_costs_no_look_at_the_file(path):
    write(path, ES256)
    keys = JwksFile(path, SetClock())
    path.unlink()
    with capture_logs() as logs:
        assert keys.find(ES256["kid"]) is not None
    assert logs == []
