"""The commands for certificates and keys."""

import stat
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from scorewire_server.tokens.keys import Pace, rotate_key, signing_file
from scorewire_server.tokens.signing_file import read_signing
from tests.clocks import SetClock
from tests.processes import run_cli

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def scorewire(tmp_path: Path) -> Run:
    """Runs a command over an empty data folder."""
    return lambda *arguments: run_cli(*arguments, env={"SCOREWIRE_DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize("kind", ["certs", "keys"])
def test_what_is_there_is_kept(scorewire: Run, tmp_path: Path, kind: str):
    assert scorewire(kind, "make").stdout.startswith("Made ")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert scorewire(kind, "make").stdout.startswith("Nothing to make")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("kind", ["certs", "keys"])
def test_an_empty_folder_names_the_command_that_fills_it(scorewire: Run, kind: str):
    refused = scorewire(kind, "list")
    assert refused.returncode == 1
    assert refused.stderr.endswith(f"scorewire {kind} make\n")


def test_certificates_are_listed_with_their_identities(scorewire: Run):
    scorewire("certs", "make")
    listed = {line.split()[0]: line for line in scorewire("certs", "list").stdout.splitlines()}
    assert listed.keys() == {"ca", "action", "score", "gateway", "gateway-internal", "ops"}
    assert listed["ops"].endswith("spiffe://scorewire.local/ops")


def test_certificates_of_somebody_else_are_not_replaced(scorewire: Run, tmp_path: Path):
    scorewire("certs", "make")
    (tmp_path / "certs/ca.key").unlink()
    (tmp_path / "certs/ops.pem").unlink()
    refused = scorewire("certs", "make")
    assert refused.returncode == 1
    assert "ca.pem came without a key that signs for it" in refused.stderr
    assert not (tmp_path / "certs/ops.pem").exists()


def test_certificates_live_as_long_as_asked(scorewire: Run, tmp_path: Path):
    assert scorewire("certs", "make", "--days", "2").returncode == 0
    leaf = x509.load_pem_x509_certificate((tmp_path / "certs/ops.pem").read_bytes())
    assert timedelta(days=2) < leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=2, hours=1)


def test_the_ca_is_rotated_in_three_steps(scorewire: Run):
    scorewire("certs", "make")
    refused = scorewire("certs", "rotate-ca", "use-new")
    assert (refused.returncode, "begin with `trust-new`" in refused.stderr) == (1, True)
    counts = []
    for step in ("trust-new", "use-new", "forget-old"):
        assert scorewire("certs", "rotate-ca", step).returncode == 0
        counts.append([line.split()[0] for line in scorewire("certs", "list").stdout.splitlines()].count("ca"))
    assert counts == [2, 2, 1]
    assert scorewire("certs", "make").stdout.startswith("Nothing to make")


def uses(scorewire: Run) -> dict[str, str]:
    """What `keys list` says of each key of tickets."""
    lines = scorewire("keys", "list").stdout.splitlines()
    return {line.split()[1]: line.split("  ")[-1] for line in lines if line.startswith("tickets")}


def test_keys_are_rotated(scorewire: Run, tmp_path: Path):
    scorewire("keys", "make")
    path = signing_file(tmp_path / "keys", "tickets")
    (old,) = read_signing(path)
    assert uses(scorewire) == {old.key.kid: "signs"}
    rotated = scorewire("keys", "rotate", "tickets", "--algorithm", "EdDSA").stdout
    old, new = read_signing(path)
    begins, ends = (f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC" for at in (new.begins, old.ends))
    assert (new.key.algorithm, old.ends - new.begins) == ("EdDSA", 10 + 30)
    assert rotated == (
        f"New key for tickets: {new.key.kid}.\nIt is published now, and signs from {begins} on.\n"
        f"What the old one signed is taken until {ends}.\n"
    )
    assert uses(scorewire) == {
        old.key.kid: f"signs, taken until {ends}",
        new.key.kid: f"signs from {begins} on",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_rotation_after_a_leak_takes_effect_at_once(scorewire: Run, tmp_path: Path):
    scorewire("keys", "make")
    (old,) = read_signing(signing_file(tmp_path / "keys", "tickets"))
    rotated = scorewire("keys", "rotate", "tickets", "--now").stdout
    (new,) = read_signing(signing_file(tmp_path / "keys", "tickets"))
    assert rotated == f"New key for tickets: {new.key.kid}.\nIt signs now; what the old ones signed is refused.\n"
    assert uses(scorewire) == {new.key.kid: "signs"}
    assert old.key.kid not in (tmp_path / "keys/tickets.jwks.json").read_text()


def test_the_list_of_keys_tells_what_is_over_and_what_is_missing(scorewire: Run, tmp_path: Path):
    """By the times in the file, which say what the servers do."""
    keys = tmp_path / "keys"
    long_ago = SetClock(time.time() - 1000)
    over = rotate_key(keys, "tickets", long_ago).key.kid
    old = rotate_key(keys, "tickets", long_ago, pace=Pace(lead=30, lifetime=10)).key.kid
    assert uses(scorewire) == {over: "has ended", old: "signs"}
    (keys / "tickets.jwks.json").write_text('{"keys": []}')
    assert uses(scorewire)[old] == "signs, NOT PUBLISHED: run `scorewire keys make`"
    scorewire("keys", "make")
    assert uses(scorewire)[old] == "signs"


def test_a_broken_key_says_what_to_do(scorewire: Run, tmp_path: Path):
    scorewire("keys", "make")
    signing_file(tmp_path / "keys", "guests").write_text("{}")
    refused = scorewire("keys", "make")
    assert refused.returncode == 1
    assert "guests.signing.json: no private ES256 or EdDSA key" in refused.stderr


@pytest.mark.parametrize(
    ("env", "said"),
    [
        pytest.param(
            {"SCOREWIRE_SCORE_PORT": "1"},
            "SCOREWIRE_SCORE_PORT: no such setting; did you mean SCOREWIRE_SCORE__PORT?\n",
            id="one underscore",
        ),
        pytest.param(
            {"SCOREWIRE_GATEWAY__PROT": "1"},
            "gateway.prot (SCOREWIRE_GATEWAY__PROT): no such setting; did you mean gateway.port?\n",
            id="a typing mistake",
        ),
        pytest.param({"SCOREWIRE_X": "1"}, "SCOREWIRE_X: no such setting\n", id="a name like no other"),
        pytest.param(
            {"SCOREWIRE_ACTION__HANDLERS": "levels"},
            """such as SCOREWIRE_ACTION__HANDLERS='["one"]'\n""",
            id="a list that is not JSON",
        ),
        pytest.param(
            {"SCOREWIRE_ACTION__DELIVERY": "ticket"}, "action.delivery (SCOREWIRE_ACTION__DELIVERY): ", id="a table"
        ),
        pytest.param({"SCOREWIRE_ACTION": "{"}, "action (SCOREWIRE_ACTION): ", id="a section"),
        pytest.param(
            {
                "SCOREWIRE_ACTION__KEY_LEAD_SECONDS": "5",
                "SCOREWIRE_SCORE__TICKET_JWKS_URL": "https://a.example.com/keys",
            },
            "\naction.key_lead_seconds is 5.0: a new key would sign before the score server has seen it",
            id="a key that would sign too soon",
        ),
        pytest.param(
            {"SCOREWIRE_SCORE__TICKET_JWKS_URL": "http://a.example.com/keys"},
            "keys are fetched over https",
            id="keys that anybody on the way can change",
        ),
        pytest.param({"SCOREWIRE_LOG__LEVEL": "loud"}, "log.level (SCOREWIRE_LOG__LEVEL): ", id="a value out of range"),
        pytest.param(
            {"SCOREWIRE_SCORE__DATABASE_URL": "postgresql://u:secret@h/d"}, "database_url_file", id="a password"
        ),
    ],
)
def test_mistakes_in_the_settings_are_named(env: dict[str, str], said: str):
    refused = run_cli("keys", "list", env=env)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "secret" not in refused.stderr


def test_every_mistake_in_the_settings_is_named_at_once():
    refused = run_cli("keys", "list", env={"SCOREWIRE_ACTION__HANDLERS": "levels", "SCOREWIRE_GATEWAY__PORT": "abc"})
    names = [line.partition(" ")[0] for line in refused.stderr.splitlines()[1:]]
    assert names == ["action.handlers", "gateway.port"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("port = [", "scorewire.toml: not TOML: Invalid value", id="no TOML"),
        pytest.param(
            "[gatewy]\nport = 1", "gatewy (SCOREWIRE_GATEWY): no such setting; did you mean gateway?\n", id="typo"
        ),
    ],
)
def test_a_mistake_in_the_settings_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str):
    (tmp_path / "scorewire.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    refused = run_cli("keys", "list", env={})
    assert said in refused.stderr
    assert "JSON" not in refused.stderr
