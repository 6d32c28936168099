"""The Python clients while the score server is restarted."""

import asyncio
from collections.abc import Iterator

import pytest

from scorewire_client import AsyncScorewire, Scorewire
from tests.stack import Stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


def restart_score(stack: Stack) -> None:
    stack.score.kill()
    stack.score.start().wait_ready()
    stack.gateway.wait_ready()


def test_a_watch_goes_on(stack: Stack):
    with Scorewire(stack.gateway.address) as client:
        user = client.sign_in_as_guest("Ada").user_id
        client.act()
        boards = client.watch(user_id=user)
        before = next(boards)
        restart_score(stack)
        score = client.act().score
        after = next(boards)
    assert after.revision == before.revision + 1
    assert after.own.score == score


async def test_a_watch_goes_on_asynchronously(stack: Stack):
    async with AsyncScorewire(stack.gateway.address) as client:
        user = (await client.sign_in_as_guest("Ada")).user_id
        await client.act()
        boards = client.watch(user_id=user)
        before = await anext(boards)
        await asyncio.to_thread(restart_score, stack)
        score = (await client.act()).score
        after = await anext(boards)
    assert after.revision == before.revision + 1
    assert after.own.score == score
