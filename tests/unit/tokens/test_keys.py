"""The files of keys: made once, kept, rotated."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from scorewire_server.files import OWNER_ONLY, replace_file
from scorewire_server.tokens.keys import Pace, jwks_file, make_keys, rotate_key, signing_file, signing_key
from scorewire_server.tokens.signing import SigningKeyMissing, thumbprint
from scorewire_server.tokens.signing_file import SigningFile
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
    assert jwk["kid"] == signing_key(tmp_path, "tickets").kid == thumbprint(jwk)


def test_tickets_and_guests_have_keys_of_their_own(tmp_path):
    make_keys(tmp_path)
    assert published(tmp_path, "tickets")[0]["kid"] != published(tmp_path, "guests")[0]["kid"]


def test_the_kid_is_the_thumbprint_of_rfc_8037():
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "not looked at"}
    assert thumbprint(jwk) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


PACE = Pace(lead=30, lifetime=10)


def kids(folder: Path) -> list[str]:
    return [jwk["kid"] for jwk in published(folder)]


def test_a_rotation_goes_by_its_schedule(tmp_path):
    """Published first, then it signs; and the old one is there until the last that it signed has ended."""
    clock = SetClock()
    make_keys(tmp_path, clock)
    old = signing_key(tmp_path, "tickets", clock).kid
    signing = SigningFile(signing_file(tmp_path, "tickets"), clock, clock)
    new = rotate_key(tmp_path, "tickets", clock, "EdDSA", PACE).key.kid
    seen = []
    for _ in range(75):
        clock.forward(1)
        seen.append((signing.current().kid, [jwk["kid"] for jwk in signing.published()]))
    assert seen == [*([(old, [old, new])] * 29), *([(new, [old, new])] * 40), *([(new, [new])] * 6)]


def test_the_jwks_says_when_the_old_key_ends(tmp_path):
    clock = SetClock()
    make_keys(tmp_path, clock)
    rotate_key(tmp_path, "tickets", clock, pace=PACE)
    old, new = published(tmp_path)
    assert (old["nbf"], old["exp"]) == (START, START + 30 + 10 + 30)
    assert (new["nbf"], new.get("exp")) == (START + 30, None)


def test_the_first_key_signs_at_once(tmp_path):
    clock = SetClock()
    assert rotate_key(tmp_path, "tickets", clock).key.kid == signing_key(tmp_path, "tickets", clock).kid


def test_a_second_rotation_waits_for_its_turn(tmp_path):
    clock = SetClock()
    first = rotate_key(tmp_path, "tickets", clock).key.kid
    clock.forward(10)
    second = rotate_key(tmp_path, "tickets", clock, pace=PACE).key.kid
    clock.forward(10)
    third = rotate_key(tmp_path, "tickets", clock, pace=PACE).key.kid
    assert kids(tmp_path) == [first, second, third]
    signed = []
    for _ in range(4):
        signed.append(signing_key(tmp_path, "tickets", clock).kid)
        clock.forward(10)
    assert signed == [first, first, second, third]


def test_what_is_over_is_left_out_by_the_next_rotation(tmp_path):
    clock = SetClock()
    make_keys(tmp_path, clock)
    second = rotate_key(tmp_path, "tickets", clock, pace=PACE).key.kid
    clock.forward(70)
    third = rotate_key(tmp_path, "tickets", clock, pace=PACE).key.kid
    assert kids(tmp_path) == [second, third]
    assert len(json.loads(signing_file(tmp_path, "tickets").read_bytes())["keys"]) == 2


def test_a_rotation_after_a_leak_leaves_nothing_of_the_old_keys(tmp_path):
    clock = SetClock()
    make_keys(tmp_path, clock)
    rotate_key(tmp_path, "tickets", clock, pace=PACE)
    new = rotate_key(tmp_path, "tickets", clock).key.kid
    assert kids(tmp_path) == [new] == [signing_key(tmp_path, "tickets", clock).kid]


def test_rotations_at_once_lose_no_key(tmp_path):
    clock = SetClock()
    make_keys(tmp_path, clock)
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(rotate_key, tmp_path, "tickets", clock, pace=PACE) for _ in range(8)]
    assert {each.result().key.kid for each in made} < set(kids(tmp_path))
    assert len(kids(tmp_path)) == 9


def test_a_running_server_keeps_its_keys_where_new_ones_are_broken(tmp_path):
    clock = SetClock()
    make_keys(tmp_path, clock)
    path = signing_file(tmp_path, "tickets")
    signing = SigningFile(path, clock, clock)
    before = signing.current().kid
    replace_file(path, b"{", OWNER_ONLY)
    with capture_logs() as logs:
        for _ in range(3):
            clock.forward(1)
            assert signing.current().kid == before
    assert [(line["log_level"], "scorewire keys make" in line["problem"]) for line in logs] == [("error", True)]
    rotate_key(tmp_path / "other", "tickets", clock)
    signing_file(tmp_path / "other", "tickets").rename(path)
    clock.forward(1)
    assert signing.current().kid == signing_key(tmp_path, "tickets", clock).kid != before


@pytest.mark.parametrize("broken", ["{", None], ids=["broken", "lost"])
def test_the_jwks_is_made_from_the_signing_keys(tmp_path, broken):
    make_keys(tmp_path)
    before = published(tmp_path)
    jwks_file(tmp_path, "tickets").unlink()
    if broken:
        jwks_file(tmp_path, "tickets").write_text(broken)
    assert make_keys(tmp_path) == []
    assert published(tmp_path) == before


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("not JSON", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param('{"keys": []}', id="no keys"),
        pytest.param('{"keys": 1}', id="keys that are no list"),
        pytest.param('{"keys": ["key"]}', id="a key that is no object"),
        *(
            pytest.param(f'{{"keys": [{{"nbf": 0, {key}}}]}}', id=name)
            for name, key in {
                "symmetric": '"kty": "oct", "k": "c2VjcmV0"',
                "RSA": '"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"',
                "another curve": '"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "d": "AA"',
                "broken numbers": '"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA"',
                "public": '"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"',
            }.items()
        ),
    ],
)
def test_a_broken_signing_key_says_what_to_do_and_is_not_written_over(tmp_path, content):
    path = signing_file(tmp_path, "tickets")
    replace_file(path, content.encode(), OWNER_ONLY)
    for use in (lambda: signing_key(tmp_path, "tickets"), lambda: rotate_key(tmp_path, "tickets")):
        with pytest.raises(SigningKeyMissing, match=f"{path}.*scorewire keys make"):
            use()
    assert path.read_text() == content


def test_a_missing_signing_key_says_what_to_do(tmp_path):
    with pytest.raises(SigningKeyMissing, match=r"No such file.*scorewire keys make"):
        signing_key(tmp_path, "tickets")
