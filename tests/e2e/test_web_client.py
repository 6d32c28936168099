"""The TypeScript client in Node, against the real gateway and score server: its boards are those of the server."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from tests import node
from tests.stack import Stack

PROGRAM = Path(__file__).parent / "web_client/watch.js"
MODULE = node.WEB / "dist-lib/standalone.js"
USERS = 30

WINDOWS = [
    pytest.param({"limit": 20}, id="the top"),
    pytest.param({"aroundUserId": "user-10", "radius": 3}, id="around a user"),
    pytest.param({"userIds": ["user-3", "user-10", "nobody"]}, id="among some users"),
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of these tests alone, with thirty users: user-1 has one point, user-2 two, and so on."""
    with Stack(tmp_path_factory.mktemp("stack")) as stack:
        award(stack, {f"user-{number}": number for number in range(1, USERS + 1)})
        yield stack


def award(stack: Stack, points: dict[str, int]) -> int:
    """Gives points to users as a service does; answers the revision that shows them all."""
    awards = [ApplyScoreRequest(user_id=user_id, points=each) for user_id, each in points.items()]
    with stack.score.channel("ops") as channel:
        answer = ScoreInternalServiceStub(channel).ApplyScores(ApplyScoresRequest(awards=awards), timeout=10)
    assert all(result.HasField("applied") for result in answer.results)
    return max(result.applied.revision for result in answer.results)


class Watcher:
    """A running `watch.js`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.boards: list[dict[str, Any]] = []

    def board(self, revision: int) -> dict[str, Any]:
        """The first board of that revision or a later one."""
        assert self._process.stdout is not None
        while not self.boards or int(self.boards[-1]["revision"]) < revision:
            line = self._process.stdout.readline()
            assert line, "the watcher has ended"
            self.boards.append(json.loads(line))
        return self.boards[-1]


@contextmanager
def watching(stack: Stack, **options: object) -> Iterator[Watcher]:
    command = [node.WITH_NODE, "node", PROGRAM, MODULE, stack.url, json.dumps(options)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Watcher(process)
    finally:
        process.kill()
        process.communicate()


def shown(board: dict[str, Any]) -> tuple[str, int, list[tuple[int, str, str]]]:
    """What a board says, of the client's and of REST alike."""
    standings = [(each["rank"], each["userId"], each["score"]) for each in board.get("standings", [])]
    return board["revision"], board["totalUsers"], standings


def now(stack: Stack, window: dict[str, Any]) -> dict[str, Any]:
    return httpx.get(f"{stack.url}/api/leaderboard", params=window).json()["leaderboard"]


@pytest.mark.parametrize("window", WINDOWS)
def test_each_board_is_the_servers(stack: Stack, window: dict[str, Any]) -> None:
    with watching(stack, **window) as watcher:
        watcher.board(1)
        for user_id in ("user-10", "user-3", "user-29", "newcomer", "user-10"):
            revision = award(stack, {user_id: 4})
            assert shown(watcher.board(revision)) == shown(now(stack, window))
    revisions = [int(board["revision"]) for board in watcher.boards]
    assert revisions == sorted(set(revisions))
    assert watcher.boards[-1]["states"] == ["connecting", "live"]


def test_a_board_says_who_has_moved_and_how_far(stack: Stack) -> None:
    with watching(stack, limit=100, userId="climber") as watcher:
        assert watcher.board(1).get("own") is None
        first = watcher.board(award(stack, {"climber": 1}))
        assert "rankChange" not in first["own"]
        later = watcher.board(award(stack, {"climber": 1000}))
    climbed = first["own"]["rank"] - 1
    assert (later["own"]["rank"], later["own"]["rankChange"], later["own"]["scoreChange"]) == (1, climbed, "1000")
    changes = {each["userId"]: each["rankChange"] for each in later["standings"]}
    assert sorted(changes.values()) == [-1] * climbed + [0] * (len(changes) - climbed - 1) + [climbed]


def test_updates_save_most_of_the_bytes(stack: Stack) -> None:
    with watching(stack, limit=100) as updates, watching(stack, limit=100, wholeBoards=True) as whole:
        begun = [watcher.board(1)["bytes"] for watcher in (updates, whole)]
        for _ in range(10):
            revision = award(stack, {"user-15": 1000})
            ended = [shown(watcher.board(revision)) for watcher in (updates, whole)]
            assert ended[0] == ended[1]
        grown = [watcher.boards[-1]["bytes"] - before for watcher, before in zip((updates, whole), begun, strict=True)]
    assert grown[0] < grown[1] / 3


def test_it_goes_on_over_a_restart_of_the_score_server(stack: Stack) -> None:
    with watching(stack, limit=20) as watcher:
        watcher.board(award(stack, {"before": 7}))
        stack.score.stop()
        stack.score.start().wait_ready()
        revision = award(stack, {"after": 900})
        assert shown(watcher.board(revision)) == shown(now(stack, {"limit": 20}))
    states = watcher.boards[-1]["states"]
    assert states[:3] == ["connecting", "live", "reconnecting"]
    assert states[-1] == "live"
    moved = {each["userId"]: each.get("rankChange") for each in watcher.boards[-1]["standings"]}
    assert moved["after"] is None, "it is new in the window"
    assert moved["user-15"] is not None, "it was there before the restart"


def test_a_gateway_that_is_killed_and_comes_back_costs_no_award(stack: Stack) -> None:
    with watching(stack, limit=20) as watcher:
        watcher.board(award(stack, {"user-15": 1}))
        stack.gateway.kill()
        revision = award(stack, {"user-15": 70, "meanwhile": 900})
        stack.gateway.start().wait_ready()
        assert shown(watcher.board(revision)) == shown(now(stack, {"limit": 20}))
    assert watcher.boards[-1]["states"][:3] == ["connecting", "live", "reconnecting"]
    changes = {each["userId"]: each.get("scoreChange") for each in watcher.boards[-1]["standings"]}
    assert (changes["user-15"], changes["meanwhile"]) == ("70", None)
