"""A proxy in front of the gateway cuts what has been quiet for 15 s; quiet watches outlive it, as they come."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import httpx
import pytest

from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.crash.proxy import Proxy
from tests.stack import Stack

PATIENCE_SECONDS = 15.0
BEATS = 2
"""By the second one, a watch has been quiet, but for the first, for longer than the proxy would have waited."""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Servers whose watches are as quiet as they are by themselves."""
    with Stack(tmp_path) as stack:
        yield stack


async def test_quiet_watches_are_not_cut_and_what_is_silent_is(stack: Stack) -> None:
    async with Proxy(PATIENCE_SECONDS).listening() as proxy, asyncio.timeout(60):
        proxy.target = stack.gateway.port
        await asyncio.gather(
            _beats_over_rest(proxy, "text/event-stream", lambda line: line == ":"),
            _beats_over_rest(proxy, "*/*", lambda line: "heartbeat" in line),
            _beats_over_grpc(proxy),
            _is_cut(proxy),
        )
        assert proxy.cuts == 1


async def _beats_over_rest(proxy: Proxy, accept: str, is_beat: Callable[[str], bool]) -> None:
    async with httpx.AsyncClient(timeout=60) as rest:
        url = f"http://{proxy.address}/api/leaderboard/watch"
        async with rest.stream("GET", url, headers={"accept": accept}) as answer:
            beats = 0
            async for line in answer.aiter_lines():
                beats += is_beat(line)
                if beats == BEATS:
                    return
    raise AssertionError(f"the watch was cut after {beats} signs of life")


async def _beats_over_grpc(proxy: Proxy) -> None:
    async with grpc.aio.insecure_channel(proxy.address) as channel:
        beats = 0
        async for message in ScoreServiceStub(channel).WatchLeaderboard(WatchLeaderboardRequest()):
            beats += message.HasField("heartbeat")
            if beats == BEATS:
                return


async def _is_cut(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        await reader.read()
    except ConnectionError:
        pass
    finally:
        writer.close()
