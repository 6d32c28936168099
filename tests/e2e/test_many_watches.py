"""Many watches at once, as after a gateway's restart: every one is served."""

import asyncio
from contextlib import AsyncExitStack

import grpc
import httpx

from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest, WatchLeaderboardResponse
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.e2e.players import Player
from tests.stack import Stack

CONNECTIONS = 3
WATCHES = 2000  # twice what Envoy and gRPC allow by themselves


async def test_all_of_a_burst_are_served_and_see_the_next_change(stack: Stack) -> None:
    async with AsyncExitStack() as open_until_the_end:
        apart = [("grpc.use_local_subchannel_pool", 1)]
        channels = [grpc.aio.insecure_channel(stack.gateway.address, apart) for _ in range(CONNECTIONS)]
        stubs = [ScoreServiceStub(await open_until_the_end.enter_async_context(channel)) for channel in channels]
        request = WatchLeaderboardRequest(whole_boards=True)
        watches = [stubs[number % CONNECTIONS].WatchLeaderboard(request) for number in range(WATCHES)]
        boards = await asyncio.gather(*map(next_board, watches))
        newest = max(board.leaderboard.revision for board in boards)
        waiting = [asyncio.create_task(newer_than(newest, watch)) for watch in watches]
        await asyncio.to_thread(act, stack)
        await asyncio.gather(*waiting)


async def next_board(watch: grpc.aio.UnaryStreamCall) -> WatchLeaderboardResponse:
    """The next board of a watch; heartbeats are passed over. Raises where the watch has ended."""
    async for message in watch:
        if message.HasField("leaderboard"):
            return message
    raise AssertionError("the watch has ended")


async def newer_than(revision: int, watch: grpc.aio.UnaryStreamCall) -> None:
    while (await next_board(watch)).leaderboard.revision <= revision:
        pass


def act(stack: Stack) -> None:
    with httpx.Client(base_url=stack.url, timeout=30) as rest:
        assert Player.signed_in(rest).do().status_code == httpx.codes.OK
