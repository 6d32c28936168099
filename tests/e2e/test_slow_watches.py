"""Clients that open watches and read nothing: those who do read see every board all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.rpc.tls import TlsFiles
from tests import promises
from tests.processes import TRUST_DOMAIN
from tests.refusals import refusal
from tests.stack import Stack
from tests.waiting import until
from tests.watching import read, read_until

CONNECTIONS = 8  # enough for each of Envoy's threads to have some
WATCHES = 50
BOARDS = 40
SMALL_WINDOWS = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_535))
LARGEST = WatchLeaderboardRequest(limit=100, whole_boards=True)


@pytest.fixture
async def internal(stack: Stack) -> AsyncIterator[ScoreInternalServiceStub]:
    """Gives points as the operator does."""
    credentials = TlsFiles.of(stack.folder / "certs", "ops").channel_credentials()
    name = [("grpc.ssl_target_name_override", f"gateway.{TRUST_DOMAIN}")]
    address = f"127.0.0.1:{stack.gateway.internal_port}"
    async with grpc.aio.secure_channel(address, credentials, name) as channel:
        yield ScoreInternalServiceStub(channel)


async def test_nobody_waits_for_clients_that_do_not_read(stack: Stack, internal: ScoreInternalServiceStub) -> None:
    await internal.ApplyScores(ApplyScoresRequest(awards=[large_standing(number) for number in range(100)]))
    unread = []
    async with AsyncExitStack() as until_the_end:
        for _ in range(CONNECTIONS):
            theirs = ScoreServiceStub(await until_the_end.enter_async_context(channel(stack, *SMALL_WINDOWS)))
            unread += [theirs.WatchLeaderboard(LARGEST) for _ in range(WATCHES)]
        await asyncio.gather(*(watch.initial_metadata() for watch in unread))
        ours = ScoreServiceStub(await until_the_end.enter_async_context(channel(stack)))
        watch = ours.WatchLeaderboard(LARGEST, timeout=30)
        for _ in range(BOARDS):
            given = await internal.ApplyScore(ApplyScoreRequest(user_id=f"{0:a>64}", points=1))
            await seen(watch, given.revision)


def channel(stack: Stack, *options: tuple[str, int]) -> grpc.aio.Channel:
    """A channel with a connection of its own."""
    return grpc.aio.insecure_channel(stack.gateway.address, [("grpc.use_local_subchannel_pool", 1), *options])


def large_standing(number: int) -> ApplyScoreRequest:
    """A standing that is large on the board."""
    name = "\N{GRINNING FACE}" * 32
    return ApplyScoreRequest(user_id=f"{number:a>64}", points=1000, display_name=name)


async def seen(watch: grpc.aio.UnaryStreamCall, revision: int) -> None:
    """Returns when a board is that of the revision or later. Raises where the watch ends before, or takes too long."""
    async for message in watch:
        if message.leaderboard.revision >= revision:
            return


def test_one_that_is_read_late_ends_on_the_newest_board_and_is_promised_the_same(stack: Stack) -> None:
    with stack.score.channel("ops") as direct, grpc.insecure_channel(stack.gateway.address, SMALL_WINDOWS) as narrow:
        give, late = ScoreInternalServiceStub(direct), ScoreServiceStub(narrow)
        give.ApplyScores(ApplyScoresRequest(awards=[large_standing(number) for number in range(100)]))
        watch = late.WatchLeaderboard(LARGEST, timeout=60)
        newest = [give.ApplyScore(large_standing(0)).revision for _ in range(BOARDS)][-1]
        messages = read_until(watch, newest)
        promises.kept(messages)
        promises.tells_changes(messages)
        promises.convergent(messages, read(late, {"limit": 100}))
    assert len(promises.boards(messages)) < BOARDS


def test_one_that_is_not_read_ends_and_is_told_why(tmp_path: Path) -> None:
    own = {"SCOREWIRE_SCORE__WATCH_STALLED_SECONDS": "0.5", "SCOREWIRE_SCORE__WATCH_MIN_INTERVAL_SECONDS": "0"}
    with Stack(tmp_path, **own) as stack, stack.score.channel("ops") as direct:
        give = ScoreInternalServiceStub(direct)
        give.ApplyScores(ApplyScoresRequest(awards=[large_standing(number) for number in range(100)]))
        with grpc.insecure_channel(stack.gateway.address, SMALL_WINDOWS) as narrow:
            unread = ScoreServiceStub(narrow).WatchLeaderboard(LARGEST)
            for _ in range(BOARDS):
                give.ApplyScore(large_standing(0))
            until(lambda: "WATCH_STALLED" in stack.score.log(), "the end of the watch")
            told = refusal(lambda: list(unread))
    assert (told.code, told.reason, told.retry_after) == ("UNAVAILABLE", "WATCH_STALLED", 1.0)
