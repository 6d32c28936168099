"""The committer on a real ledger: many callers in one transaction, each with its own answer, none forgotten."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from structlog.testing import capture_logs

from scorewire_server.errors import Overloaded, StorageUnavailable
from scorewire_server.score.committer import Committer
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.group_commit import Bounds
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import Appended, NewAward
from tests.awards import check_ledger, new_award
from tests.unit.score.reading import shown
from tests.waiting import becomes


class GatedLedger(Ledger):
    """Remembers its batches; each waits for the gate, and fails before or after it is written where told to."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger._database)
        self.batches: list[Sequence[NewAward]] = []
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self.fails_before: Exception | None = None
        self.fails_after: Exception | None = None

    def append(self, new: Sequence[NewAward], known_names: Mapping[str, str]) -> Appended:
        self.batches.append(new)
        self.entered.release()
        assert self.gate.wait(timeout=30)
        if failure := self.fails_before:
            self.fails_before = None
            raise failure
        appended = super().append(new, known_names)
        if failure := self.fails_after:
            self.fails_after = None
            raise failure
        return appended

    async def has_a_batch(self) -> None:
        assert await asyncio.to_thread(self.entered.acquire, timeout=30)


@pytest.fixture
def gated(ledger: Ledger) -> GatedLedger:
    return GatedLedger(ledger)


@pytest.fixture
def start(gated: GatedLedger, scoreboard: Scoreboard) -> Callable[..., AbstractAsyncContextManager[Committer]]:
    @asynccontextmanager
    async def running(queue: int = 1000, batch: int = 100) -> AsyncIterator[Committer]:
        committer = Committer(gated, scoreboard, Bounds(queue, batch, patience=0.01))
        task = asyncio.create_task(committer.run())
        try:
            yield committer
        finally:
            gated.gate.set()
            committer.close()
            await asyncio.wait_for(task, timeout=30)

    return running


async def waiting(committer: Committer, *groups: Sequence[NewAward]) -> list[asyncio.Task]:
    """Callers that are in the queue, in order."""
    tasks = [asyncio.create_task(committer.commit(group)) for group in groups]
    await asyncio.sleep(0)
    return tasks


async def test_a_caller_is_answered_when_its_award_is_durable_and_on_the_boards(start, gated, scoreboard, ledger_url):
    gated.gate.clear()
    async with start() as committer:
        (task,) = await waiting(committer, [new_award("ada", 5)])
        await gated.has_a_batch()
        assert not task.done()
        assert shown(scoreboard.board("main")) == []
        gated.gate.set()
        ((award, fresh, *_),) = await task
        assert fresh
        assert check_ledger(ledger_url) == [award]
        assert shown(scoreboard.board("main")) == [(1, "ada", 5, "")]


async def test_all_that_wait_go_in_one_transaction_in_their_order(start, gated, ledger_url):
    gated.gate.clear()
    async with start() as committer:
        (first,) = await waiting(committer, [new_award("first")])
        await gated.has_a_batch()
        awards = [new_award(f"user-{number}") for number in range(50)]
        tasks = await waiting(committer, *[[award] for award in awards])
        gated.gate.set()
        answers = await asyncio.gather(first, *tasks)
    assert [len(batch) for batch in gated.batches] == [1, 50]
    assert [recorded.award.position for (recorded,) in answers] == list(range(1, 52))
    assert [award.award_id for award in check_ledger(ledger_url)][1:] == [award.award_id for award in awards]


async def test_a_transaction_takes_no_more_than_a_batch(start, gated):
    gated.gate.clear()
    async with start(batch=10) as committer:
        tasks = await waiting(committer, *[[new_award()] for _ in range(35)])
        gated.gate.set()
        await asyncio.gather(*tasks)
    assert [len(batch) for batch in gated.batches] == [10, 10, 10, 5]


async def test_awards_that_came_together_are_never_parted(start, gated):
    async with start(batch=10) as committer:
        recorded = await committer.commit([new_award(points=number) for number in range(25)])
    assert [entry.award.points for entry in recorded] == list(range(25))
    assert [len(batch) for batch in gated.batches] == [25]


async def test_the_same_award_in_one_transaction_counts_once(start, gated, ledger_url):
    gated.gate.clear()
    award = new_award("ada", 5)
    async with start() as committer:
        (first,) = await waiting(committer, [new_award()])
        await gated.has_a_batch()
        tasks = await waiting(committer, [award], [award], [new_award(), award])
        gated.gate.set()
        answers = await asyncio.gather(first, *tasks)
    assert [[entry.fresh for entry in answer] for answer in answers] == [[True], [True], [False], [True, False]]
    assert len({entry.award for answer in answers for entry in answer if entry.award.award_id == award.award_id}) == 1
    assert len(check_ledger(ledger_url)) == 3


async def test_a_full_queue_refuses_at_once_and_awards_nothing(start, gated, ledger_url):
    gated.gate.clear()
    async with start(queue=3) as committer:
        (first,) = await waiting(committer, [new_award()])
        await gated.has_a_batch()
        (second,) = await waiting(committer, [new_award()])
        with pytest.raises(Overloaded) as refused:
            await committer.commit([new_award(), new_award()])
        assert refused.value.retry_after
        (third,) = await waiting(committer, [new_award()])
        with pytest.raises(Overloaded):
            await committer.commit([new_award()])
        gated.gate.set()
        await asyncio.gather(first, second, third)
        await committer.commit([new_award()])
    assert len(check_ledger(ledger_url)) == 4


async def test_awards_that_came_together_may_be_more_than_the_queue(start, ledger_url):
    async with start(queue=3) as committer:
        await committer.commit([new_award() for _ in range(5)])
    assert len(check_ledger(ledger_url)) == 5


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(StorageUnavailable("the database is gone"), id="storage unavailable"),
        pytest.param(RuntimeError("a fault of ours"), id="anything else"),
    ],
)
async def test_a_failed_transaction_fails_its_callers_and_no_others(start, gated, scoreboard, ledger_url, failure):
    gated.gate.clear()
    gated.fails_before = failure
    async with start() as committer:
        (first,) = await waiting(committer, [new_award()])
        await gated.has_a_batch()
        tasks = await waiting(committer, [new_award("ada", 5)], [new_award("bob", 7)])
        gated.gate.set()
        with pytest.raises(type(failure)):
            await first
        await asyncio.gather(*tasks)
        assert shown(scoreboard.board("main")) == [(1, "bob", 7, ""), (2, "ada", 5, "")]
    assert len(check_ledger(ledger_url)) == 2


async def test_a_failed_transaction_leaves_room_in_the_queue(start, gated):
    async with start(queue=1) as committer:
        for _ in range(3):
            gated.fails_before = StorageUnavailable("the database is gone")
            with pytest.raises(StorageUnavailable):
                await committer.commit([new_award()])
        assert await committer.commit([new_award()])


async def test_a_commit_whose_answer_was_lost_counts_once_and_comes_to_the_boards(start, gated, scoreboard, ledger_url):
    award = new_award("ada", 5, boards=("main", "dice"), display_name="Ada")
    async with start() as committer:
        gated.fails_after = StorageUnavailable("the answer was lost")
        with pytest.raises(StorageUnavailable):
            await committer.commit([award])
        ((_, fresh, *_),) = await committer.commit([award])
        assert not fresh
        for board in ("main", "dice"):
            assert shown(scoreboard.board(board)) == [(1, "ada", 5, "Ada")]
            assert scoreboard.board(board).revision == 1
    assert len(check_ledger(ledger_url)) == 1


async def test_boards_show_an_award_whose_answer_was_lost_though_nobody_asks_again(
    start, gated, scoreboard, monkeypatch
):
    monkeypatch.setattr("scorewire_server.score.committer.LOOK_SECONDS", 0.01)
    async with start() as committer:
        gated.fails_after = StorageUnavailable("the answer was lost")
        with pytest.raises(StorageUnavailable):
            await committer.commit([new_award("ada", 5)])
        gated.fails_before = StorageUnavailable("the database is gone")  # the first look fails too
        await becomes(lambda: shown(scoreboard.board("main")) == [(1, "ada", 5, "")], "the award on the board")


async def test_a_name_that_comes_back_after_one_whose_answer_was_lost_is_shown(start, gated, scoreboard):
    async with start() as committer:
        await committer.commit([new_award("ada", display_name="Ada")])
        gated.fails_after = StorageUnavailable("the answer was lost")
        with pytest.raises(StorageUnavailable):
            await committer.commit([new_award("ada", display_name="Countess")])
        await committer.commit([new_award("ada", display_name="Ada")])
        assert shown(scoreboard.board("main")) == [(1, "ada", 3, "Ada")]


async def test_boards_catch_up_with_whatever_they_missed(start, gated, scoreboard, ledger):
    async with start() as committer:
        await committer.commit([new_award("ada", 5)])
        ledger.append([new_award("ada", 1), new_award("bob", 9, display_name="Bob")], {})  # another writer
        ((award, *_),) = await committer.commit([new_award("eve", 7, display_name="Eve")])
        assert award.position == 4
        assert shown(scoreboard.board("main")) == [(1, "bob", 9, "Bob"), (2, "eve", 7, "Eve"), (3, "ada", 6, "")]


async def test_catching_up_may_fail_and_is_done_the_next_time(start, gated, scoreboard, ledger, monkeypatch):
    async with start() as committer:
        ledger.append([new_award("bob", 9)], {})
        with monkeypatch.context() as broken:
            broken.setattr(gated, "changed_after", fail)
            with pytest.raises(StorageUnavailable):
                await committer.commit([new_award("eve", 7)])
        await committer.commit([new_award("ada", 5)])
        assert [user for _, user, _, _ in shown(scoreboard.board("main"))] == ["bob", "eve", "ada"]


def fail(_: int) -> None:
    raise StorageUnavailable("the database is gone")


async def test_an_award_whose_caller_has_gone_counts_all_the_same(start, gated, scoreboard, ledger_url):
    gated.gate.clear()
    with capture_logs() as logs:
        await one_of_two_goes(start, gated, scoreboard)
    assert [line["user"] for line in logs if line["event"] == "award"] == ["ada", "bob"]
    assert len(check_ledger(ledger_url)) == 2


async def one_of_two_goes(start, gated, scoreboard):
    async with start() as committer:
        gone, stays = await waiting(committer, [new_award("ada", 5)], [new_award("bob", 7)])
        await gated.has_a_batch()
        gone.cancel()
        gated.gate.set()
        ((award, *_),) = await stays
        assert award.user_id == "bob"
        assert shown(scoreboard.board("main")) == [(1, "bob", 7, ""), (2, "ada", 5, "")]
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_closing_commits_what_waits(start, gated, ledger_url):
    gated.gate.clear()
    async with start(batch=2) as committer:
        tasks = await waiting(committer, *[[new_award()] for _ in range(7)])
        await gated.has_a_batch()
    answers = await asyncio.gather(*tasks)
    assert [recorded.award.position for (recorded,) in answers] == list(range(1, 8))
    assert len(check_ledger(ledger_url)) == 7


async def test_closing_ends_a_committer_that_has_had_no_work(start):
    async with start():
        pass


async def test_what_waits_when_the_end_comes_before_the_beginning_is_committed(gated, scoreboard, ledger_url):
    committer = Committer(gated, scoreboard, Bounds(queue=10, batch=10, patience=0.01))
    (task,) = await waiting(committer, [new_award()])
    committer.close()
    await asyncio.wait_for(committer.run(), timeout=30)
    assert (await task)[0].fresh
    assert len(check_ledger(ledger_url)) == 1
