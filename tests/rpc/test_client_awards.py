"""Awards by the Python client, from many callers at once, with the real score server."""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor

import pytest

from scorewire_client import AsyncScorewire, Award, Scorewire, ScorewireError
from scorewire_server.clock import system_clock
from tests.pair import prepare, running_scores
from tests.processes import free_ports

MANY = 200


@pytest.fixture
def settings(tmp_path, certs):
    return prepare(tmp_path, certs, score={"port": free_ports(1)[0]})


async def test_every_award_of_many_tasks_counts_once_and_has_its_own_answer(settings, clock, where):
    async with running_scores(settings, clock), AsyncScorewire(**where) as client:

        def give(number: int, award_id: str | None = None) -> Awaitable[Award]:
            return client.award(f"user{number % 10}", 1, action_type="dice.roll", award_id=award_id)

        given = await asyncio.gather(*(give(number) for number in range(MANY)))
        assert len({award.revision for award in given}) == MANY
        board = await client.top()
        assert {standing.score for standing in board.standings} == {MANY // 10}
        again = await asyncio.gather(*(give(number, award.award_id) for number, award in enumerate(given)))
        assert [award.revision for award in again] == [award.revision for award in given]
        assert await client.top() == board


async def test_a_refused_one_among_many_is_refused_alone(settings, clock, where):
    async with running_scores(settings, clock), AsyncScorewire(**where) as client:
        points = [1, 999, 2, 1]
        users = ["ada", "ada", "ada", "no such user id"]
        given = await asyncio.gather(
            *(client.award(user, each, action_type="dice.roll") for user, each in zip(users, points, strict=True)),
            return_exceptions=True,
        )
    assert [each.reason if isinstance(each, ScorewireError) else each.score for each in given] == [
        1,
        "POINTS_OUT_OF_BOUNDS",
        3,
        "INVALID_FIELD",
    ]
    assert isinstance(given[3], ScorewireError)
    assert list(given[3].field_violations) == ["user_id"]


async def test_awards_of_threads_count_once_each_over_a_restart(settings, where):
    given, halfway = Counter[str](), threading.Event()

    def give(client: Scorewire, number: int) -> None:
        award = client.award(f"user{number % 10}", 1, action_type="dice.roll")
        given[f"user{number % 10}"] += award.score_increase
        if number == MANY // 4:
            halfway.set()

    with Scorewire(**where, timeout=60) as client, ThreadPoolExecutor(16) as threads:
        async with running_scores(settings, system_clock):
            giving = [threads.submit(give, client, number) for number in range(MANY)]
            await asyncio.to_thread(halfway.wait, 30)
        async with running_scores(settings, system_clock):
            await asyncio.gather(*map(asyncio.wrap_future, giving))
            board = await asyncio.to_thread(client.top)
    assert {standing.user_id: standing.score for standing in board.standings} == given
    assert set(given.values()) == {MANY // 10}
