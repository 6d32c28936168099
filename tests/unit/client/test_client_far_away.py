"""Both clients with a server to which each connection takes a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from scorewire_client import AsyncScorewire, Scorewire
from tests.unit.client.conftest import Caller, Peer
from tests.unit.client.test_client_calls import GET_LEADERBOARD, TOP

FAR_SECONDS = 0.5


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@pytest.fixture
async def far_away(peer: Peer) -> AsyncIterator[str]:
    """The address of something that hands the peer's bytes on, but nothing at first."""
    host, port = peer.address.split(":")
    links: list[asyncio.Task[None]] = []

    async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        links.append(asyncio.current_task())
        await asyncio.sleep(FAR_SECONDS)
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(hand_on, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await asyncio.gather(*links)


@pytest.mark.parametrize("kind", [Scorewire, AsyncScorewire], ids=["sync", "async"])
async def test_connecting_may_take_a_while(peer: Peer, far_away: str, kind):
    peer.expect(GET_LEADERBOARD, [TOP])
    caller = Caller(kind(far_away))
    assert (await caller.top()).revision == 7
    await caller.close()
