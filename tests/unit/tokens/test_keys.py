"""The files of keys: made once, kept, rotated, forgotten."""

import json
from pathlib import Path

import pytest

from scorewire_server.errors import StartError
from scorewire_server.files import OWNER_ONLY, replace_file
from scorewire_server.tokens.jwks import read_jwks
from scorewire_server.tokens.keys import forget_old_keys, jwks_file, make_keys, rotate_key, signing_file
from scorewire_server.tokens.signing import SigningKey, SigningKeyMissing, thumbprint
from tests.clocks import START, SetClock


def published(folder: Path, purpose: str = "tickets") -> list[dict]:
    return json.loads(jwks_file(folder, purpose).read_text())["keys"]


def test_keys_are_made_once(tmp_path):
    folder = tmp_path / "keys"
    assert make_keys(folder) == ["tickets", "guests"]
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert make_keys(folder) == []
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_only_the_owner_reads_a_private_key(tmp_path):
    make_keys(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {
        "tickets.signing.json": 0o600,
        "tickets.jwks.json": 0o644,
        "guests.signing.json": 0o600,
        "guests.jwks.json": 0o644,
    }


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_the_jwks_has_no_private_part(tmp_path, algorithm):
    make_keys(tmp_path, SetClock(), algorithm)
    (jwk,) = published(tmp_path)
    assert "d" not in jwk
    assert (jwk["alg"], jwk["use"], jwk["iat"]) == (algorithm, "sig", START)
    assert jwk["kid"] == SigningKey.read(signing_file(tmp_path, "tickets")).kid == thumbprint(jwk)


def test_tickets_and_guests_have_keys_of_their_own(tmp_path):
    make_keys(tmp_path)
    assert published(tmp_path, "tickets")[0]["kid"] != published(tmp_path, "guests")[0]["kid"]


def test_the_kid_is_the_thumbprint_of_rfc_8037():
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "not looked at"}
    assert thumbprint(jwk) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_rotation_keeps_the_old_public_key_until_it_is_forgotten(tmp_path):
    make_keys(tmp_path)
    old = SigningKey.read(signing_file(tmp_path, "tickets")).kid
    new = rotate_key(tmp_path, "tickets", algorithm="EdDSA")
    assert SigningKey.read(signing_file(tmp_path, "tickets")).kid == new
    assert set(read_jwks(jwks_file(tmp_path, "tickets"))) == {old, new}
    assert forget_old_keys(tmp_path, "tickets") == 1
    assert set(read_jwks(jwks_file(tmp_path, "tickets"))) == {new}


def test_a_lost_jwks_is_made_from_the_signing_key(tmp_path):
    make_keys(tmp_path)
    before = published(tmp_path)
    jwks_file(tmp_path, "tickets").unlink()
    assert make_keys(tmp_path) == []
    assert published(tmp_path) == before


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("not JSON", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param('{"kty": "oct", "k": "c2VjcmV0"}', id="symmetric"),
        pytest.param('{"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"}', id="RSA"),
        pytest.param('{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "d": "AA"}', id="another curve"),
        pytest.param('{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA"}', id="broken numbers"),
        pytest.param(
            '{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}', id="public"
        ),
    ],
)
def test_a_broken_signing_key_says_what_to_do(tmp_path, content):
    path = signing_file(tmp_path, "tickets")
    replace_file(path, content.encode(), OWNER_ONLY)
    with pytest.raises(SigningKeyMissing, match=f"{path}.*scorewire keys make"):
        SigningKey.read(path)


def test_a_missing_signing_key_says_what_to_do(tmp_path):
    with pytest.raises(SigningKeyMissing, match=r"No such file.*scorewire keys make"):
        SigningKey.read(signing_file(tmp_path, "tickets"))


@pytest.mark.parametrize("content", ["{", "[]", '{"keys": 1}', '{"keys": [1]}'])
def test_a_broken_jwks_is_not_written_over(tmp_path, content):
    make_keys(tmp_path)
    jwks_file(tmp_path, "tickets").write_text(content)
    with pytest.raises(StartError, match=r"tickets\.jwks\.json: not"):
        rotate_key(tmp_path, "tickets")
    assert jwks_file(tmp_path, "tickets").read_text() == content
