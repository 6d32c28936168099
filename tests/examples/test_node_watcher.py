"""The example in Node: it watches the real score server with its certificate, over a restart, and misses nothing."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.certs import make_certificates
from scorewire_server.tokens.keys import make_keys
from tests import node
from tests.processes import STOP_SECONDS, TRUST_DOMAIN, ServerProcess

EXAMPLE = node.ROOT / "examples/node-watcher"
ENVIRONMENT = {
    "SCOREWIRE_IDENTITIES": '["watcher"]',
    "SCOREWIRE_SCORE__ALLOW": '{"scorewire.score.v1.ScoreService/WatchLeaderboard": ["gateway", "ops", "watcher"]}',
}
"""What examples/README.md says: a name of its own, which may watch and nothing else."""


@pytest.fixture
def score(tmp_path: Path) -> Iterator[ServerProcess]:
    make_certificates(tmp_path / "certs", TRUST_DOMAIN, others=["watcher"])
    make_keys(tmp_path / "keys")
    server = ServerProcess("score", tmp_path, ENVIRONMENT | {"SCOREWIRE_SCORE__HEARTBEAT_SECONDS": "1"})
    server.start().wait_ready()
    yield server
    server.kill()


class Watcher:
    """A running `watch.js`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def board(self) -> dict:
        """The next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the watcher has ended"
        return json.loads(line)

    def stop(self) -> tuple[int, str]:
        """Its exit code, once it was asked to end, and what it said on standard error."""
        self.process.terminate()
        _, said = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, said


@contextmanager
def watching(score: ServerProcess, *options: str, identity: str = "watcher") -> Iterator[Watcher]:
    where = ["--address", score.address, "--certs", str(score.data_dir / "certs"), "--identity", identity]
    command = [node.WITH_NODE, "node", "watch.js", *where, *options]
    process = subprocess.Popen(command, cwd=EXAMPLE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield Watcher(process)
    finally:
        process.kill()
        process.communicate()


def award(score: ServerProcess, user_id: str, points: int) -> str:
    """Gives points, and answers the revision that shows them."""
    with score.channel("ops") as channel:
        request = ApplyScoreRequest(user_id=user_id, points=points)
        return str(ScoreInternalServiceStub(channel).ApplyScore(request, timeout=10).revision)


def test_it_goes_on_where_it_stood_after_a_restart(score: ServerProcess) -> None:
    award(score, "ada", 10)
    with watching(score) as watcher:
        assert [each["user_id"] for each in watcher.board()["standings"]] == ["ada"]
        before = award(score, "grace", 20)
        assert watcher.board()["revision"] == before
        score.stop()
        score.start().wait_ready()
        after = award(score, "linus", 30)
        board = watcher.board()
        assert board["revision"] == after
        assert [(each["user_id"], each["score"]) for each in board["standings"]] == [
            ("linus", "30"),
            ("grace", "20"),
            ("ada", "10"),
        ]
        code, said = watcher.stop()
    assert code == 0
    drained = re.match(r"reconnecting in (\d+) ms: 14 UNAVAILABLE: this server is shutting down", said)
    assert drained, said
    assert int(drained[1]) >= 1_000, "the server asked to wait for a second"


def test_a_server_that_falls_silent_is_left_and_come_back_to(score: ServerProcess) -> None:
    award(score, "ada", 10)
    with watching(score, "--silence", "4") as watcher:
        watcher.board()
        os.kill(score.pid, signal.SIGSTOP)
        assert watcher.process.stderr is not None
        assert "nothing was heard for 4 s" in watcher.process.stderr.readline()
        os.kill(score.pid, signal.SIGCONT)
        revision = award(score, "ada", 1)
        assert watcher.board()["revision"] == revision


def test_a_token_goes_on_where_another_run_ended(score: ServerProcess) -> None:
    award(score, "ada", 10)
    with watching(score) as watcher:
        token = watcher.board()["resume_token"]
    later = award(score, "ada", 1)
    with watching(score, "--resume", token) as watcher:
        assert watcher.board()["revision"] == later


def test_its_identity_may_do_nothing_else(score: ServerProcess) -> None:
    with score.channel("watcher") as channel, pytest.raises(grpc.RpcError) as refused:
        ScoreServiceStub(channel).GetLeaderboard(GetLeaderboardRequest(), timeout=10)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_the_readme_names_what_the_tests_set() -> None:
    readme = (node.ROOT / "examples/README.md").read_text()
    for name, value in ENVIRONMENT.items():
        assert f"{name}='{value}'" in readme


def test_who_may_not_watch_is_told_so(score: ServerProcess) -> None:
    with watching(score, identity="action") as watcher:
        assert watcher.process.stderr is not None
        assert "the watch is over: 7 PERMISSION_DENIED" in watcher.process.stderr.read()
        assert watcher.process.wait(STOP_SECONDS) == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda certs: (certs / "watcher.pem").unlink(), "no such file or directory", id="missing"),
        pytest.param(lambda certs: (certs / "watcher.key").write_text("none"), "error:", id="no key"),
    ],
)
def test_without_a_certificate_it_ends_and_says_so(score: ServerProcess, spoil, said: str) -> None:
    certs = score.data_dir / "certs"
    spoil(certs)
    with watching(score) as watcher:
        out, err = watcher.process.communicate(timeout=STOP_SECONDS)
    assert (watcher.process.returncode, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"the watch is over: watcher has no certificate in {certs} that can be used: ")
    assert said in err


def test_an_option_that_there_is_not_is_named_in_one_line(score: ServerProcess) -> None:
    with watching(score, "--raduis", "3") as watcher:
        out, err = watcher.process.communicate(timeout=STOP_SECONDS)
    assert (watcher.process.returncode, out, err.count("\n")) == (2, "", 1)
    assert "'--raduis'" in err


def test_it_watches_around_somebody(score: ServerProcess) -> None:
    for points, user in enumerate(("ada", "grace", "linus", "edsger", "donald"), 1):
        award(score, user, points)
    with watching(score, "--around", "linus", "--radius", "1") as watcher:
        assert [each["user_id"] for each in watcher.board()["standings"]] == ["edsger", "linus", "grace"]


def test_the_readme_has_every_option() -> None:
    (options,) = re.findall(r"given\(\{(.*?)\n\}\)", (EXAMPLE / "watch.js").read_text(), re.DOTALL)
    readme = (node.ROOT / "examples/README.md").read_text()
    names = re.findall(r"^ +(\w+): \{", options, re.MULTILINE)
    assert {"address", "radius", "silence"} <= set(names)
    assert [name for name in names if f"`--{name}`" not in readme] == []


def test_a_server_of_another_identity_is_not_listened_to(score: ServerProcess) -> None:
    with watching(score, "--server", "spiffe://scorewire.local/other") as watcher:
        assert watcher.process.stderr is not None
        assert "it is not spiffe://scorewire.local/other" in watcher.process.stderr.readline()
