"""The Python clients against a running Scorewire."""

from collections.abc import AsyncIterator, Iterator

import pytest

from scorewire_client import AsyncScorewire, Scorewire, ScorewireError
from tests.cli.running import Up

RIGHT = {"question": "capital-of-canada", "answer": "Ottawa"}


@pytest.fixture
def client(up: Up) -> Iterator[Scorewire]:
    with Scorewire(up.address) as client:
        yield client


@pytest.fixture
async def async_client(up: Up) -> AsyncIterator[AsyncScorewire]:
    async with AsyncScorewire(up.address) as client:
        yield client


def test_acts_redeems_and_reads(client: Scorewire):
    user = client.sign_in_as_guest("Ada").user_id
    rolled = client.act(action_type="dice.roll")
    assert rolled.score == rolled.parsed["result"]["rolled"]
    quiz = client.act(RIGHT, "quiz.answer")
    award = client.redeem(quiz.token, quiz.result)
    assert (award.score_increase, award.score) == (10, rolled.score + 10)
    assert client.standing(user).score == award.score
    assert client.standing(user).display_name == "Ada"
    board = client.top(limit=100)
    assert board.revision >= award.revision
    assert user in [standing.user_id for standing in board.standings]
    assert board.standings == tuple(client.standings(page_size=1))


async def test_acts_redeems_and_reads_asynchronously(async_client: AsyncScorewire):
    user = (await async_client.sign_in_as_guest("Grace")).user_id
    rolled = await async_client.act(action_type="dice.roll")
    quiz = await async_client.act(RIGHT, "quiz.answer")
    award = await async_client.redeem(quiz.token, quiz.result)
    assert (await async_client.standing(user)).score == rolled.score + 10 == award.score
    board = await async_client.top(limit=100)
    assert board.standings == tuple([standing async for standing in async_client.standings(page_size=1)])


def test_watches_what_it_does(client: Scorewire):
    user = client.sign_in_as_guest("Ada").user_id
    boards = client.watch(user_id=user)
    assert next(boards).own is None
    score = client.act().score
    assert next(board.own for board in boards if board.own).score == score


async def test_watches_what_it_does_asynchronously(async_client: AsyncScorewire):
    user = (await async_client.sign_in_as_guest("Ada")).user_id
    boards = async_client.watch(user_id=user)
    assert (await anext(boards)).own is None
    score = (await async_client.act()).score
    while (own := (await anext(boards)).own) is None:
        pass
    assert own.score == score


def test_a_watch_goes_on_after_the_board_it_is_given(client: Scorewire):
    client.sign_in_as_guest("Ada")
    client.act()
    seen = client.top()
    boards = client.watch(resume_token=seen.resume_token)
    client.act()
    assert next(boards).revision > seen.revision


def test_refusals_carry_their_reason(client: Scorewire):
    client.sign_in_as_guest("Ada")
    with pytest.raises(ScorewireError) as refused:
        client.act("nonsense", "quiz.answer")
    assert (refused.value.reason, refused.value.metadata["refusal"]) == ("ACTION_REFUSED", "INPUT_INVALID")
