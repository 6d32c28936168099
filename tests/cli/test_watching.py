"""The commands that show windows of a board, in a terminal and in a pipe, against a running Scorewire."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.cli.conftest import RunScorewire
from tests.cli.running import Up
from tests.cli.terminal import terminal
from tests.stack import Stack
from tests.waiting import until


@pytest.fixture
def me(scorewire: RunScorewire) -> str:
    """A new guest of a name of its own, who is signed in and on the board; answers the name."""
    name = f"Me {os.urandom(4).hex()}"
    scorewire("sign-in", name)
    scorewire("act", "dice.roll")
    return name


def score_in(row: str) -> int:
    """The score in a row of the table: the cell after the name."""
    return int(re.search(r"Me \w{8} +(\d+)", row)[1])


@pytest.mark.parametrize("columns", [80, 40])
def test_a_table_shows_what_changes_and_ends_with_the_cursor_back(up: Up, scorewire: RunScorewire, me: str, columns):
    # Around oneself one is in the window from the beginning, however many points others have.
    with terminal("watch", "--around", "me", env={"SCOREWIRE_ADDRESS": up.address}, columns=columns) as watching:
        before = score_in(watching.row_of(me))
        assert watching.screen[0].startswith("● live")
        assert watching.is_marked(me)
        rolled = json.loads(json.loads(scorewire("act", "dice.roll", "--json").stdout)["result"])["result"]["rolled"]
        until(lambda: score_in(watching.row_of(me)) == before + rolled, f"the new score on {watching.text}")
        if columns == 80:
            watching.wait_for(f"+{rolled}")
        assert watching.end() == 0
        assert watching.has_cursor()
        assert "Traceback" not in watching.text


def test_ended_from_outside_it_leaves_a_terminal_that_works(up: Up, me: str):
    with terminal("watch", env={"SCOREWIRE_ADDRESS": up.address}) as watching:
        watching.row_of(me)
        assert watching.end(signal.SIGTERM) == 0
        assert watching.has_cursor()


def piped(up: Up, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scorewire_client.cli", "watch", *arguments],
        env=os.environ | {"SCOREWIRE_ADDRESS": up.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_pipe_gets_a_board_on_each_line(up: Up, scorewire: RunScorewire, me: str):
    with piped(up, "--limit", "100") as watching:
        first = json.loads(watching.stdout.readline())
        scorewire("act", "dice.roll")
        second = json.loads(watching.stdout.readline())
        watching.send_signal(signal.SIGINT)
        assert watching.wait(30) == 0
        assert watching.stderr.read() == ""
    assert int(second["leaderboard"]["revision"]) > int(first["leaderboard"]["revision"])
    assert first["standing"]["displayName"] == me
    mine = next(each for each in second["leaderboard"]["standings"] if each.get("displayName") == me)
    assert int(mine["scoreChange"]) == int(mine["score"]) - int(first["standing"]["score"])
    assert second["standing"] == mine


def test_a_pipe_gets_what_a_watch_by_rest_gets(up: Up, scorewire: RunScorewire, me: str):
    own_id = json.loads(scorewire("standing", "--json").stdout)["standing"]["userId"]
    asked = {"limit": 100, "userId": own_id, "wholeBoards": "true"}
    with (
        piped(up, "--limit", "100") as watching,
        httpx.stream("GET", f"{up.url}/api/leaderboard/watch", params=asked, timeout=60) as answer,
    ):
        lines = answer.iter_lines()
        first = (watching.stdout.readline(), next(lines))
        scorewire("act", "dice.roll")
        second = (watching.stdout.readline(), next(lines))
        watching.terminate()
    for printed, sent in (first, second):
        assert json.loads(printed) == json.loads(sent)


def test_a_pipe_that_nobody_reads_any_more_ends_it(up: Up, scorewire: RunScorewire, me: str):
    with piped(up) as watching:
        watching.stdout.readline()
        watching.stdout.close()
        scorewire("act", "dice.roll")
        assert watching.wait(30) == 0
        assert watching.stderr.read() == ""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


def test_says_that_it_is_out_of_date_and_when_it_is_not_any_more(stack: Stack, home):
    with terminal("watch", env={"SCOREWIRE_ADDRESS": stack.gateway.address}, columns=120) as watching:
        watching.wait_for("● live").wait_for("revision")
        stack.gateway.kill()
        problem = f"nothing answers at {stack.gateway.address} (Connection refused)"
        watching.wait_for(f", still trying: {problem}")
        assert re.match(r"● stale since \d\d:\d\d:\d\d, still", watching.screen[0])
        stack.gateway.start().wait_ready()
        watching.wait_for("● live")


def test_says_so_beside_a_pipe(stack: Stack, home):
    with subprocess.Popen(
        [sys.executable, "-m", "scorewire_client.cli", "watch"],
        env=os.environ | {"SCOREWIRE_ADDRESS": stack.gateway.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert json.loads(watching.stdout.readline())["leaderboard"]["boardId"] == "main"
        stack.gateway.kill()
        assert watching.stderr.readline().startswith("scorewire: stale since ")
        stack.gateway.start().wait_ready()
        assert watching.stderr.readline() == "scorewire: live\n"
        watching.send_signal(signal.SIGINT)
        assert watching.wait(30) == 0
