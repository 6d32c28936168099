"""The commands for certificates and keys."""

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scorewire_server.tokens.keys import signing_file
from scorewire_server.tokens.signing import SigningKey
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


def test_keys_are_rotated_and_forgotten(scorewire: Run, tmp_path: Path):
    scorewire("keys", "make")
    path = signing_file(tmp_path / "keys", "tickets")
    old = SigningKey.read(path).kid
    rotated = scorewire("keys", "rotate", "tickets", "--algorithm", "EdDSA").stdout
    new = SigningKey.read(path)
    assert (new.kid in rotated, new.algorithm) == (True, "EdDSA")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    uses = {line.split()[1]: line.split("  ")[-1] for line in scorewire("keys", "list").stdout.splitlines()}
    assert (uses[new.kid], uses[old]) == ("signs", "is taken")
    forgotten = scorewire("keys", "forget", "tickets").stdout
    assert forgotten.startswith(f"Forgot 1 old key for tickets. The key that signs: {new.kid}.\n")
    assert forgotten.endswith("restart it now.\n")
    assert old not in scorewire("keys", "list").stdout


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
