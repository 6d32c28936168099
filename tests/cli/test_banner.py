"""What `scorewire up` prints to paste does what it says, typed into a real shell."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from scorewire_server.settings import Settings
from scorewire_server.up.banner import GRPCURL, banner
from tests.cli.running import Up
from tests.needs import need, search_path


@pytest.fixture(autouse=True)
def curl() -> str:
    return need("curl", "and most lines use it", "apt-get install curl")


def shell(*commands: str) -> str:
    """What bash prints for these lines, pasted together; fails where one fails."""
    command = ["bash", "-euo", "pipefail", "-c", "\n".join(commands)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def first_words_of(command: str) -> str:
    """What a command that does not end prints first."""
    with subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE, start_new_session=True) as watching:
        assert watching.stdout
        said = os.read(watching.stdout.fileno(), 65536).decode()
        os.killpg(watching.pid, signal.SIGTERM)
    return said


def test_every_line_is_tested_here(up: Up):
    words = [line.split("=")[0].split()[0] for line in up.lines_to_paste]
    grpcurl = "grpcurl" if shutil.which("grpcurl", path=search_path()) else "go"
    known = ["TOKEN", "curl", "QUIZ", "TICKET", "DATA", "curl", "curl", "curl", "curl", grpcurl, grpcurl]
    assert words[: len(known)] == known
    assert len(words) == len(known) + 3


def test_a_guest_rolls_the_dice_and_redeems_the_ticket_of_a_quiz(up: Up):
    token, roll, *redeem = up.lines_to_paste[:6]
    rolled, redeemed = shell(token, roll, "echo", *redeem).splitlines()
    assert rolled.startswith('{"message":"Successfully","score":"')
    assert redeemed.startswith('{"message":"Score updated successfully.","status":"success","scoreIncrease":10,')


def test_a_quiz_pasted_twice_counts_once_and_says_so(up: Up):
    token, _, *redeem = up.lines_to_paste[:6]
    first, again = shell(token, *redeem, "echo", *redeem).splitlines()
    assert first.startswith('{"message":"Score updated successfully."')
    told = json.loads(again)
    assert told["message"] == "this ticket has counted; the metadata has what it earned"
    assert told["details"][0]["metadata"]["scoreIncrease"] == "10"


def test_a_second_answer_is_told_what_to_do(up: Up):
    token, _, answer = up.lines_to_paste[:3]
    other = answer.replace("quiz-1", "quiz-2")
    told = json.loads(shell(token, answer, other, 'printf %s "$QUIZ"'))
    assert told["details"][0]["reason"] == "ACTION_REFUSED"
    assert "send null to be asked another" in told["message"]


def test_the_leaderboard_is_read_and_watched(up: Up):
    read, watch = up.lines_to_paste[6:8]
    assert shell(read).startswith('{"leaderboard":{"boardId":"main"')
    assert '{"leaderboard":{"boardId":"main"' in first_words_of(watch)


def test_a_service_gives_points(up: Up):
    said = shell(up.lines_to_paste[8])
    assert said.startswith('{"message":"Score updated successfully.","status":"success","scoreIncrease":10,')


def test_grpcurl_lists_the_services_and_calls_one(up: Up, monkeypatch: pytest.MonkeyPatch):
    grpcurl = need("grpcurl", "and it comes from the Go module proxy", f"go install {GRPCURL}")
    monkeypatch.setenv("PATH", str(Path(grpcurl).parent), prepend=os.pathsep)
    listed, called = (shell(line) for line in up.lines_to_paste[9:11])
    assert {"scorewire.action.v1.ActionService", "scorewire.score.v1.ScoreService"} <= set(listed.splitlines())
    assert "Internal" not in listed
    assert '"boardId": "main"' in called


@pytest.mark.parametrize(
    ("place", "line"),
    [
        pytest.param("bin/grpcurl", "grpcurl", id="on the path"),
        pytest.param(".cache/bin/grpcurl", ".cache/bin/grpcurl", id="where make tools puts it"),
        pytest.param("elsewhere", f"go run {GRPCURL}", id="nowhere"),
    ],
)
def test_grpcurl_is_called_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, line: str):
    program = tmp_path / place
    program.parent.mkdir(parents=True, exist_ok=True)
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.chdir(tmp_path)
    said = banner(Settings(data_dir=tmp_path))
    assert f"  {line} -plaintext 127.0.0.1:8080 list\n" in said
    assert ("Go fetches grpcurl" in said) == line.startswith("go run")


def test_grpcurl_is_of_one_version():
    root = Path(__file__).resolve().parents[2]
    for place in ("tools/fetch", "README.md"):
        assert GRPCURL in (root / place).read_text()


def test_the_command_line_signs_in_acts_and_watches(up: Up, home: Path):
    sign_in, act, watch = up.lines_to_paste[-3:]
    assert shell(sign_in).startswith("Signed in as Ada (guest-")
    assert "+10: your score is 10" in shell(act)
    assert '"displayName":"Ada"' in first_words_of(watch)
