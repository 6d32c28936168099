"""A score server that drains, dies and returns behind a gateway that stays."""

from collections.abc import Iterator

import grpc
import httpx
import pytest

from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.e2e.players import Player, reason
from tests.refusals import refusal
from tests.stack import PLAINTEXT, Stack
from tests.waiting import until


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of this file alone, because it stops them."""
    with Stack(tmp_path_factory.mktemp("outage")) as stack:
        yield stack


@pytest.fixture
def watch(stack: Stack) -> Iterator[grpc.Call]:
    """A watch over gRPC, with its first board read."""
    with grpc.insecure_channel(stack.gateway.address, [("grpc.enable_retries", 0)]) as channel:
        watch = ScoreServiceStub(channel).WatchLeaderboard(WatchLeaderboardRequest(), timeout=60)
        assert next(watch).leaderboard.board_id == "main"
        yield watch


def back_again(stack: Stack, player: Player) -> None:
    """Starts the score server again, and waits until the gateway has found it."""
    stack.score.start().wait_ready()
    board = f"{stack.url}/api/leaderboard"
    until(lambda: httpx.get(board, verify=PLAINTEXT).status_code == httpx.codes.OK, "the score server")
    assert int(player.standing().json()["standing"]["score"]) > 0
    before = int(player.standing().json()["standing"]["score"])
    assert int(player.do().json()["score"]) > before


def test_a_drain_ends_watches_with_a_reason(stack: Stack, player: Player, watch: grpc.Call) -> None:
    player.do()
    with httpx.stream("GET", f"{stack.url}/api/leaderboard/watch", timeout=30) as lines:
        sent = lines.iter_lines()
        assert next(sent)
        assert stack.score.stop() == 0
        assert all(line.startswith("{") for line in sent if line)
    refused = refusal(lambda: list(watch))
    assert (refused.code, refused.reason) == ("UNAVAILABLE", "DRAINING")
    assert refused.retry_after
    away = httpx.get(f"{stack.url}/api/leaderboard")
    assert (away.status_code, reason(away)) == (503, "UPSTREAM_UNAVAILABLE")
    back_again(stack, player)


def test_a_score_server_that_is_killed_cuts_watches(stack: Stack, player: Player, watch: grpc.Call) -> None:
    player.do()
    stack.score.kill()
    with pytest.raises(grpc.RpcError) as ended:
        list(watch)
    # The gateway can only reset a stream that has begun, and gRPC calls that INTERNAL.
    assert ended.value.code() is grpc.StatusCode.INTERNAL
    back_again(stack, player)
