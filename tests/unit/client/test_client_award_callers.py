"""Callers of awards who are cancelled, interrupted, or come together: nobody takes others along."""

import asyncio
import threading
from collections.abc import Callable, Sequence

import pytest

from scorewire_client import AsyncScorewire, Scorewire, awarding, results
from scorewire_client import awards as threaded
from scorewire_client.awards import Awards
from scorewire_server import errors
from tests.unit.client.bank import Bank
from tests.unit.client.conftest import Peer
from tests.waiting import becomes, until


@pytest.fixture
def bank(peer: Peer) -> Bank:
    return Bank(peer)


# What only asyncio has: one loop, so that what goes together is certain, and callers that are cancelled.


async def test_a_lone_award_goes_at_once_and_a_group_in_one_call(peer, bank):
    async with AsyncScorewire(peer.address) as client:
        await client.award("ada", 1)
        await asyncio.gather(*(client.award(f"user{number}", number) for number in range(100)))
    assert [len(call) for call in bank.calls] == [1, 100]


async def test_who_is_cancelled_takes_nobody_along(peer, bank):
    async with AsyncScorewire(peer.address) as client:
        bank.open.clear()
        under_way = [asyncio.create_task(client.award(user, 1)) for user in ("ada", "bob")]
        await becomes(lambda: bank.calls, "a call that is under way")
        under_way[0].cancel()
        still_here = [asyncio.create_task(client.award(user, 2)) for user in ("cem", "dan")]
        await asyncio.sleep(0)
        still_here[0].cancel()
        await becomes(lambda: len(bank.calls) == 2, "the next call")
        bank.open.set()
        ended = await asyncio.gather(*under_way, *still_here, return_exceptions=True)
    assert [type(each) for each in ended] == [asyncio.CancelledError, results.Award] * 2
    assert bank.calls == [["ada", "bob"], ["dan"]]


async def test_closing_tells_those_who_wait_wherever_their_award_is(peer, bank):
    client = AsyncScorewire(peer.address)
    bank.failures = [errors.StorageUnavailable("wait", retry_after=5.0)]
    repeating = asyncio.create_task(client.award("to be repeated", 1))
    await becomes(lambda: bank.calls and not bank.failures, "a call that failed")
    bank.open.clear()
    under_way = asyncio.create_task(client.award("under way", 1))
    await becomes(lambda: len(bank.calls) == 2, "a call that is under way")
    waiting = asyncio.create_task(client.award("waiting", 1))
    await asyncio.sleep(0)
    await client.close()
    told = await asyncio.gather(repeating, under_way, waiting, return_exceptions=True)
    assert ["closed" in str(each) for each in told] == [True] * 3, told
    bank.open.set()


# What only threads have: one of them makes the call for all, and may be interrupted.


def in_threads(work: Sequence[Callable[[], object]]) -> list[threading.Thread]:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    return threads


def test_a_thread_that_is_interrupted_takes_nobody_along():
    calls: list[list[str]] = []
    first_may_end, second_may_end = threading.Event(), threading.Event()

    def send(requests):
        calls.append([request.user_id for request in requests])
        if len(calls) == 1:
            first_may_end.wait(30)
        elif len(calls) == 2:
            second_may_end.wait(30)
            raise KeyboardInterrupt
        return [results.Award("", "", 0, request.points, 0, 0) for request in requests]

    scores, awards = [], Awards(send)

    def give(user: str) -> None:
        try:
            scores.append((user, awards.award(awarding.award_request(user, 1)).score))
        except KeyboardInterrupt:
            scores.append((user, None))

    threads = in_threads([lambda: give("first")])
    until(lambda: calls, "a call that is under way")
    threads += in_threads([lambda user=user: give(user) for user in ("ada", "bob", "cem")])
    until(lambda: len(calls) == 2, "the next call")
    first_may_end.set()
    second_may_end.set()
    for thread in threads:
        thread.join(30)
    assert dict(scores).keys() == {"first", "ada", "bob", "cem"}
    assert [score for _, score in scores].count(None) == 1
    assert dict(scores)["first"] == 1


def test_threads_that_come_while_a_call_is_under_way_share_the_next_one(peer, bank, monkeypatch):
    monkeypatch.setattr(threaded, "DELAY_SECONDS", 30.0)
    with Scorewire(peer.address) as client:
        bank.open.clear()
        threads = in_threads([lambda: client.award("first", 1)])
        until(lambda: bank.calls, "a call that is under way")
        threads += in_threads([lambda: client.award("ada", 1)] * 32)
        until(lambda: client._awards._outstanding == 33, "awards that wait")
        bank.open.set()
        for thread in threads:
            thread.join(30)
    assert [len(call) for call in bank.calls] == [1, 32]
