"""`scorewire up`: what it prints works, what is wrong is said, and nothing is left behind."""

import signal
import socket
import stat
import time
from pathlib import Path

import httpx
import pytest

from scorewire_server.certs import make_certificates
from tests.cli.conftest import RunScorewire
from tests.cli.running import READY, Up, running, wait_until_gone
from tests.processes import run_cli


def test_keys_are_for_their_owner_alone(up: Up):
    private = [*up.data_dir.glob("certs/*.key"), *up.data_dir.glob("keys/*.signing.json")]
    assert len(private) == 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}


def test_certificates_that_are_over_are_renewed(tmp_path: Path):
    long_ago = time.time() - 365 * 86400
    assert "score" in make_certificates(tmp_path / "data/certs", "scorewire.local", lambda: long_ago)
    with running(tmp_path / "data") as up:
        assert READY in up.said


def test_one_data_folder_has_one_scorewire(up: Up, tmp_path: Path):
    second = Up(up.data_dir)
    assert second.wait() == 1
    assert f"already runs on the data folder {up.data_dir}, as process {up.pid}" in second.said
    assert f"SCOREWIRE_DATA_DIR={up.data_dir}-2 " in second.said


def test_a_way_out_keeps_what_is_set(up: Up, tmp_path: Path):
    port = up.address.partition(":")[2]
    second = Up(up.data_dir, {"SCOREWIRE_GATEWAY__PORT": port, "SCOREWIRE_SESSION": "a secret"})
    third = Up(tmp_path / "my data", {"SCOREWIRE_GATEWAY__PORT": port})
    assert (second.wait(), third.wait()) == (1, 1)
    assert f" SCOREWIRE_GATEWAY__PORT={port} " in second.said
    assert "secret" not in second.said
    assert f"SCOREWIRE_DATA_DIR='{tmp_path}/my data' " in third.said


@pytest.mark.parametrize(
    ("variable", "purpose"),
    [
        pytest.param("SCOREWIRE_GATEWAY__PORT", "the page and the API", id="gateway"),
        pytest.param("SCOREWIRE_ACTION__PORT", "the action server", id="action"),
        pytest.param("SCOREWIRE_SCORE__METRICS_PORT", "the score server's metrics", id="metrics"),
    ],
)
def test_a_port_in_use_is_named_with_a_way_out(tmp_path: Path, variable: str, purpose: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        up = Up(tmp_path / "data", {variable: str(port)})
        assert up.wait() == 1
    assert f"port {port}, for {purpose}: address already in use" in up.said
    assert f"choose others: {variable}=" in up.said
    assert f"{variable}={port} " not in up.said


def test_every_mistake_in_the_settings_is_said(tmp_path: Path):
    mistakes = {"SCOREWIRE_SCORE__PORT": "99999", "SCOREWIRE_ACTION__COLOUR": "red", "SCOREWIRE_SCORE_PORT": "50152"}
    up = Up(tmp_path / "data", mistakes)
    assert up.wait() == 1
    assert "SCOREWIRE_SCORE_PORT: no such setting" in up.said
    assert "score.port (SCOREWIRE_SCORE__PORT): " in up.said
    assert "action.colour (SCOREWIRE_ACTION__COLOUR): " in up.said


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_stops_cleanly_and_keeps_the_scores(tmp_path: Path, home: Path, stop: signal.Signals):
    with running(tmp_path / "data") as up:
        env = {"SCOREWIRE_ADDRESS": up.address}
        assert run_cli("sign-in", "Ada", env=env).returncode == 0
        assert run_cli("act", env=env).returncode == 0
        before = run_cli("top", "--json", env=env).stdout
        descendants = up.descendants()
        assert up.stop(stop) == 0
    wait_until_gone(descendants)
    assert up.said.endswith("Stopping...\nStopped.\n")
    with running(tmp_path / "data") as again:
        assert run_cli("top", "--json", "--address", again.address, env={}).stdout == before
    assert '"displayName":"Ada"' in before


@pytest.mark.parametrize("name", ["score", "action", "gateway"])
def test_one_that_dies_takes_the_others_along(tmp_path: Path, name: str):
    with running(tmp_path / "data") as up:
        descendants = up.descendants()
        up.child(name).kill()
        assert up.wait() == 1
    wait_until_gone(descendants)
    assert f"The {name} process was killed by SIGKILL." in up.said
    assert '"event":"serving"' not in up.said
    assert '"level":"info"' not in up.said
    last, advice = up.said.splitlines()[-2:]
    assert last.startswith(f"scorewire: the {name} process was killed by SIGKILL, so the others were stopped; its log")
    assert advice.startswith("Nothing that was acknowledged is lost. This starts all of it again: ")
    assert advice.endswith(" up")
    assert f"SCOREWIRE_DATA_DIR={up.data_dir} " in advice


def test_an_envoy_that_dies_under_load_is_named(tmp_path: Path):
    with running(tmp_path / "data") as up:
        for _ in range(20):
            httpx.get(f"{up.url}/api/leaderboard")
        (envoy,) = up.child("gateway").children()
        envoy.kill()
        assert up.wait() == 1
    assert "envoy was killed by SIGKILL" in up.said


def test_a_log_that_cannot_be_written_is_said_once(tmp_path: Path):
    logs = tmp_path / "data/logs"
    logs.mkdir(parents=True)
    (logs / "score.log").symlink_to("/dev/full")
    with running(tmp_path / "data") as up:
        for _ in range(5):
            assert httpx.get(f"{up.url}/api/leaderboard").status_code == httpx.codes.OK
        assert up.stop() == 0
    said = "score: warning: lines of the log are lost: [Errno 28] No space left on device"
    assert [line for line in up.said.splitlines() if "lost" in line or "Error" in line] == [said]


def test_one_that_cannot_start_says_why(tmp_path: Path):
    rules = tmp_path / "rules.toml"
    rules.write_text("default_board = 7")
    up = Up(tmp_path / "data", {"SCOREWIRE_SCORE__RULES_FILE": str(rules)})
    assert up.wait() == 1
    assert "scorewire: score cannot start: " in up.said
    assert "is lost" not in up.said
    assert READY not in up.said


def test_killed_itself_it_leaves_nothing_behind(tmp_path: Path):
    with running(tmp_path / "data") as up:
        descendants = up.descendants()
        up.kill()
    wait_until_gone(descendants)


def test_what_a_person_has_set_stays(tmp_path: Path, home: Path):
    env = {"SCOREWIRE_ACTION__GUESTS": "false"}
    with running(tmp_path / "data", env) as up:
        refused = run_cli("sign-in", "Ada", env={"SCOREWIRE_ADDRESS": up.address})
    assert refused.returncode == 1
    assert refused.stderr.startswith("scorewire: guest sign-in is off here. ")
    assert "Guests are off, by action.guests" in up.said
    assert "session/guest" not in up.said
    assert [line.split()[0] for line in up.lines_to_paste[:3]] == ["curl"] * 3


def test_an_authority_that_is_unknown_is_named_with_the_way_to_name_it(up: Up, scorewire: RunScorewire):
    internal = next(word for line in up.lines_to_paste for word in line.split() if word.startswith("https://"))
    refused = scorewire("top", "--address", internal.removesuffix("/api/internal/score/update"))
    assert refused.returncode == 1
    assert "--ca FILE (SCOREWIRE_CA)" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_an_address_where_nothing_listens_says_what_to_start(up: Up, scorewire: RunScorewire):
    refused = scorewire("top", "--address", "127.0.0.1:1")
    assert refused.returncode == 1
    assert "nothing answers at 127.0.0.1:1" in refused.stderr
    assert "Start it with `scorewire up` or `make run`" in refused.stderr
    assert refused.stderr.count("\n") == 1
