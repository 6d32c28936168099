"""`scorewire admin` beside a running server: what each command prints, and how it says what is wrong."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire_server.certs import make_certificates
from tests.processes import ServerProcess, free_ports, run_cli


class Admin:
    """A running score server, and the commands beside it."""

    def __init__(self, folder: Path) -> None:
        self.server = ServerProcess("score", folder)
        self.env = {"SCOREWIRE_DATA_DIR": str(folder), "SCOREWIRE_SCORE__PORT": str(self.server.port)}

    def run(self, *arguments: str) -> tuple[int, str, str]:
        ended = run_cli("admin", *arguments, env=self.env | {"COLUMNS": "200"})
        return ended.returncode, ended.stdout, ended.stderr

    def out(self, *arguments: str) -> str:
        code, out, err = self.run(*arguments)
        assert (code, err) == (0, "")
        return out

    def json(self, *arguments: str) -> dict:
        return json.loads(self.out(*arguments, "--json"))


@contextmanager
def administering(folder: Path, certs: Path, keys: Path) -> Iterator[Admin]:
    """With an award of 5 points of ada's, and one of bob's."""
    (folder / "certs").symlink_to(certs)
    (folder / "keys").symlink_to(keys)
    admin = Admin(folder)
    admin.server.start().wait_ready()
    with admin.server.channel("action") as channel:
        for user in ("ada", "bob"):
            ScoreInternalServiceStub(channel).ApplyScore(ApplyScoreRequest(user_id=user, points=5, award_id=user))
    yield admin
    admin.server.stop()


@pytest.fixture
def admin(tmp_path: Path, certs: Path, keys: Path) -> Iterator[Admin]:
    """A server of the test's own."""
    with administering(tmp_path, certs, keys) as admin:
        yield admin


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory, certs: Path, keys: Path) -> Iterator[Admin]:
    """A server that is asked for nothing it would do."""
    with administering(tmp_path_factory.mktemp("refusing"), certs, keys) as admin:
        yield admin


def test_decisions_say_how_the_user_stands(admin: Admin):
    told = admin.out("quarantine", "bob", "--reason", "too fast", "--as", "grace")
    assert told == "bob is quarantined, as of position 3.\n"
    again = admin.out("quarantine", "bob", "--reason", "again")
    assert again == "bob is quarantined already, as of position 3: too fast. Nothing was recorded.\n"
    assert admin.out("release", "bob", "--reason", "fine") == "bob is clear, as of position 4.\n"
    assert admin.out("release", "ada", "--reason", "fine") == "ada is clear, and always was. Nothing was recorded.\n"
    blocked = admin.json("block", "bob", "--reason", "bot")
    assert blocked["restriction"]["state"] == "USER_STATE_BLOCKED"
    assert admin.out("unblock", "bob", "--reason", "no bot") == "bob is clear, as of position 6.\n"


def test_corrections_say_what_they_lead_to(admin: Admin):
    told = admin.out("adjust", "bob", "--points", "-2", "--reason", "a bug", "--award-id", "fix-1")
    assert told == "bob: -2 points, score 3, rank 2, as of position 3.\nIts id: fix-1\n"
    again = admin.out("adjust", "bob", "--points", "-2", "--reason", "a bug", "--award-id", "fix-1")
    assert again == "bob: -2 points already, as of position 3. Nothing was recorded.\nIts id: fix-1\n"
    voided = admin.out("void", "fix-1", "--reason", "no bug")
    assert voided.startswith("bob: +2 points, score 5, rank 2, as of position 4.\nIts id: void~")
    code, out, err = admin.run("void", "fix-1", "--reason", "no bug")
    assert (code, out) == (1, "")
    assert err == "scorewire: AWARD_ALREADY_VOIDED: award fix-1 was voided before; there is nothing to do\n"
    late = admin.out("adjust", "bob", "--points", "-2", "--reason", "a bug", "--award-id", "fix-1")
    assert late.startswith("bob: -2 points already, as of position 3, and voided at position 4. Nothing was recorded.")


def test_the_audit_and_a_history_are_tables_and_json(admin: Admin):
    admin.out("quarantine", "bob", "--reason", "[bold]too fast[/bold]", "--as", "grace")
    admin.out("void", "bob", "--reason", "not earned")
    table = admin.out("audit", "--user", "bob")
    assert "[bold]too fast[/bold]" in table
    assert "ops/grace" in table
    for shown in (table, admin.out("history", "bob")):
        assert [line for line in shown.splitlines() if line != line.rstrip()] == []
    assert [event["event"] for event in admin.json("audit")["events"]] == ["void", "quarantine"]
    page = admin.out("audit", "--limit", "1")
    token = page.rpartition("--page-token ")[2].strip()
    assert admin.json("audit", "--page-token", token)["events"][0]["event"] == "quarantine"
    assert admin.json("audit", "--since", "2099-01-01") == {}
    assert "bob: quarantined" in admin.out("history", "bob")
    entries = admin.json("history", "bob")["entries"]
    assert [entry["kind"] for entry in entries] == ["void", "quarantine", "internal"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("history", "nobody"), "USER_UNKNOWN: ", id="nobody"),
        pytest.param(("void", "none", "--reason", "x"), "AWARD_UNKNOWN: ", id="no award"),
        pytest.param(("block", "bob", "--reason", " "), "INVALID_FIELD: ", id="no reason"),
        pytest.param(("audit", "--page-token", "x"), "PAGE_TOKEN_INVALID: ", id="no page token"),
        pytest.param(("audit", "--actor", "ops\x1b[31m"), "INVALID_FIELD: ", id="codes of a terminal"),
        pytest.param(("history", "b\udcffb"), "an argument is no text: ", id="no text"),
        pytest.param(("audit", "--user", "b\udcffb"), "an argument is no text: ", id="no text in an option"),
    ],
)
def test_a_refusal_is_one_line(refusing: Admin, arguments, said):
    code, out, err = refusing.run(*arguments)
    assert (code, out) == (1, "")
    assert err.startswith(f"scorewire: {said}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("points", [-(2**31) - 1, 2**31])
def test_more_points_than_an_adjustment_can_have_are_said(admin: Admin, points):
    code, out, err = admin.run("adjust", "bob", "--points", str(points), "--reason", "x")
    assert (code, out) == (2, "")
    assert "Invalid value for '--points'" in err


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_a_server_that_is_no_text_is_said(admin: Admin, command):
    ended = run_cli(command, "--server", "b\udcffb", env=admin.env)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "scorewire: an argument is no text: it has bytes that are not UTF-8\n"


@pytest.mark.parametrize(
    ("shown", "trusted", "domain", "said"),
    [
        pytest.param("ours", "theirs", "scorewire.local", "is of no authority that is trusted here", id="authority"),
        pytest.param("ours", "ours", "other.local", "is no score server of this trust domain", id="trust domain"),
        pytest.param("theirs", "ours", "scorewire.local", "does not take our certificate", id="our certificate"),
    ],
)
def test_a_server_that_is_not_trusted_or_does_not_trust_is_said(
    refusing: Admin, tmp_path: Path, certs: Path, shown: str, trusted: str, domain: str, said: str
):
    theirs, mixed = tmp_path / "theirs", tmp_path / "mixed"
    make_certificates(theirs, "scorewire.local")
    shutil.copytree(certs, mixed)
    folders = {"ours": certs, "theirs": theirs}
    for name, folder in (("ops.pem", shown), ("ops.key", shown), ("ca.pem", trusted)):
        shutil.copy(folders[folder] / name, mixed / name)
    ended = run_cli(
        *("admin", "audit"),
        env=refusing.env | {"SCOREWIRE_CERTS_DIR": str(mixed), "SCOREWIRE_TRUST_DOMAIN": domain},
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"scorewire: the server at 127.0.0.1:{refusing.server.port} ")
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_no_server_is_said(tmp_path, certs):
    (tmp_path / "certs").symlink_to(certs)
    address = f"127.0.0.1:{free_ports(1)[0]}"
    env = {"SCOREWIRE_DATA_DIR": str(tmp_path)}
    ended = run_cli("admin", "audit", "--server", address, env=env)
    assert ended.returncode == 1
    problem = f"scorewire: no score server answers at {address} (Connection refused)"
    assert ended.stderr == f"{problem}: is it running? Give its address with --server HOST:PORT\n"
