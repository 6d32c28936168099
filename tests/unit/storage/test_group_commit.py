"""Group commit by itself: those who ride along, and those who were admitted before the queue was full."""

import asyncio
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from scorewire_server.errors import Overloaded, ServerFailed, StorageUnavailable
from scorewire_server.storage import group_commit
from scorewire_server.storage.group_commit import Bounds, GroupCommit, Meters
from scorewire_server.storage.trouble import Trouble

METERS = Meters.named("scorewire_test_commit", "Numbers")


class Doubling(GroupCommit[int, int]):
    """Writes numbers by doubling them, when the gate is open; remembers its batches."""

    def __init__(self, bounds: Bounds) -> None:
        super().__init__(bounds, METERS, Trouble("the test", "numbers"))
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def _write(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        await self.gate.wait()
        return [2 * item for item in items]


@pytest.fixture
def doubling() -> Doubling:
    return Doubling(Bounds(queue=5, batch=4, patience=0.01))


@pytest.fixture(params=[3600.0, 0.0], ids=["in no hurry", "in a hurry"])
def hurry(request, monkeypatch) -> None:
    monkeypatch.setattr(group_commit, "RIDE_SECONDS", request.param)


async def test_a_rider_goes_with_the_next_transaction(doubling, monkeypatch):
    monkeypatch.setattr(group_commit, "RIDE_SECONDS", 3600.0)
    async with doubling.running():
        doubling.ride_along(7)
        doubling.ride_along(8)
        assert await doubling.commit([1]) == [2]
        assert doubling.batches == [[1, 7, 8]]
        assert await doubling.commit([2]) == [4]
        assert doubling.batches == [[1, 7, 8], [2]]


async def test_a_rider_does_not_wait_for_ever(doubling, monkeypatch):
    monkeypatch.setattr(group_commit, "RIDE_SECONDS", 0.0)
    async with doubling.running():
        for number in (7, 8):
            doubling.ride_along(number)
            while not doubling.batches or doubling.batches[-1] != [number]:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0)
    assert doubling.batches == [[7], [8]]


async def test_riders_are_written_at_the_end(doubling, hurry):
    async with doubling.running():
        for number in range(5):
            doubling.ride_along(number)
    assert doubling.batches == [[0, 1, 2, 3], [4]]
    assert doubling._depth == 0


async def test_riders_find_no_room_in_a_full_queue(doubling, hurry):
    doubling.gate.clear()
    async with doubling.running():
        callers = asyncio.gather(*(doubling.commit([number]) for number in range(5)))
        await asyncio.sleep(0)
        doubling.ride_along(7)
        doubling.gate.set()
        assert await callers == [[0], [2], [4], [6], [8]]
    assert all(7 not in batch for batch in doubling.batches)


async def test_who_was_admitted_is_written_even_where_the_queue_is_full(doubling):
    doubling.gate.clear()
    async with doubling.running():
        callers = asyncio.gather(*(doubling.commit([number]) for number in range(5)))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            doubling.check_room(1)
        with pytest.raises(Overloaded):
            await doubling.commit([7])
        admitted = doubling.commit_admitted([8])
        doubling.gate.set()
        await callers
        assert await admitted == [16]


async def test_room_that_is_kept_is_nobody_elses_until_it_is_given_back(doubling):
    async with doubling.running():
        with doubling.room(3):
            with pytest.raises(Overloaded, match="3 are waiting"), doubling.room(3):
                pass
            with pytest.raises(Overloaded):
                doubling.check_room(3)
            with doubling.room(2):
                assert doubling.is_full()
            assert not doubling.is_full()
        assert await doubling.commit([1, 2, 3, 4, 5]) == [2, 4, 6, 8, 10]


async def test_the_last_tenth_is_for_those_who_come_with_one_item():
    commit = Doubling(Bounds(queue=20, batch=4, patience=0.0))
    with commit.room(18):
        assert commit.is_full_for_many()
        assert not commit.is_full()
        commit.check_room(2)
        with pytest.raises(Overloaded), commit.room(1):
            pass
    assert not commit.is_full_for_many()


async def test_who_has_more_items_than_there_is_room_for_waits_for_nobody(doubling):
    with doubling.room(1000):
        assert doubling.is_full_for_many()
    with doubling.room(1), pytest.raises(Overloaded), doubling.room(1000):
        pass


class Failing(Doubling):
    """Fails when everybody has been answered, or where a test says."""

    failure: Exception = RuntimeError("a fault of ours")

    def _written(self, items: Sequence[int], results: Sequence[int]) -> None:
        raise self.failure


@pytest.fixture
def failing() -> Failing:
    return Failing(Bounds(queue=5, batch=1, patience=0.0))


async def caller(commit: Doubling, item: int) -> object:
    try:
        return await commit.commit([item])
    except StorageUnavailable as ended:
        return str(ended)


ENDS = "this server ends; call again with the same ticket, award_id or request_id"


async def end_of(commit: Doubling, items: Sequence[int]) -> tuple[str, list[object]]:
    """What a server says at its end that waits to be stopped, and what callers are told meanwhile."""
    callers: list[asyncio.Task[object]] = []
    try:
        async with commit.running():
            callers += [asyncio.create_task(caller(commit, item)) for item in items]
            await asyncio.Event().wait()
    except ServerFailed as failed:
        return str(failed), [await each for each in callers]
    raise AssertionError("it has ended as if all was well")


async def test_where_the_writer_fails_the_server_ends_and_nobody_waits(failing):
    with capture_logs() as logs:
        said, told = await end_of(failing, range(3))
    assert said == "what writes has failed: RuntimeError('a fault of ours')"
    assert told == [[0], ENDS, ENDS]
    assert await caller(failing, 4) == ENDS
    assert [(line["event"], line["log_level"]) for line in logs] == [("the server ends", "critical")]
    assert asyncio.current_task().cancelling() == 0


async def test_a_writer_that_fails_at_the_end_is_told_of_too(failing):
    with pytest.raises(ServerFailed):
        async with failing.running():
            failing.ride_along(1)


async def test_trouble_that_cannot_be_told_of_ends_the_server(failing, monkeypatch):
    async def fails(_: object) -> Sequence[int]:
        raise StorageUnavailable("gone")

    def cannot(_: Exception) -> None:
        raise RuntimeError("the log is broken")

    monkeypatch.setattr(failing, "_write", fails)
    monkeypatch.setattr(failing._trouble, "begun", cannot)
    said, told = await end_of(failing, [1])
    assert said == "what writes has failed: RuntimeError('the log is broken')"
    assert told == ["gone"]


async def test_what_a_server_ends_for_ends_it_in_its_own_words(failing, monkeypatch):
    async def fails(_: object) -> Sequence[int]:
        raise ServerFailed("another has it")

    monkeypatch.setattr(failing, "_write", fails)
    assert await end_of(failing, [1]) == ("another has it", [ENDS])


async def test_who_is_stopped_by_somebody_else_is_just_stopped(doubling):
    async def serve() -> None:
        async with doubling.running():
            await asyncio.Event().wait()

    serving = asyncio.create_task(serve())
    assert await doubling.commit([1]) == [2]
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
