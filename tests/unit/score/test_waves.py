"""Watchers of many boards send in waves, on a loop whose time a test has in its hand."""

import asyncio
from collections.abc import Callable

import pytest

from scorewire_server.score.board import Board
from scorewire_server.score.views import Frame
from scorewire_server.score.waves import AT_ONCE, PATIENCE_SECONDS, Wave, Waves
from scorewire_server.score.windows import Around
from tests.unit.score.looping import SetTime, on_a_loop
from tests.unit.score.watching import change, make_board, make_watch


class Sender:
    """A watcher that is woken, and sends when it is told to."""

    own_user_id = None

    def __init__(self, sends: bool = True) -> None:
        self.late = 0
        self.woken = 0
        self.shown = 0
        self.looked: list[int] = []
        self._sends = sends
        self._wave: Wave | None = None

    def show(self, frame: Frame, _: object) -> None:
        self.shown = frame.state.revision

    def wake(self, wave: Wave) -> bool:
        self.woken += 1
        self.looked.append(self.shown)
        self._wave = wave if self._sends else None
        return self._sends

    def sent(self) -> None:
        """Its message has gone."""
        if self._wave:
            self._wave.passed()
        self._wave = None


class Run:
    """Waves on a loop, and how often a round of theirs has ended."""

    def __init__(self, loop: SetTime, burst: int = 0) -> None:
        self._loop = loop
        self._waves = Waves(burst=burst)
        self.ended = 0

    def roll(self, watchers: list[Sender]) -> None:
        self._do(lambda: self._waves.roll(iter(watchers), self._end))

    def send(self, watchers: list[Sender]) -> None:
        def act() -> None:
            for watcher in watchers:
                watcher.sent()

        self._do(act)

    def _do(self, act: Callable[[], object]) -> None:
        async def call() -> None:
            act()

        self._loop.run_until_complete(call())
        self._loop.pass_time(0)

    def _end(self) -> None:
        self.ended += 1


def woken(watchers: list[Sender]) -> int:
    return sum(watcher.woken for watcher in watchers)


def test_others_are_woken_when_most_have_sent():
    def test(loop: SetTime) -> None:
        run, watchers = Run(loop), [Sender() for _ in range(2 * AT_ONCE + 10)]
        run.roll(watchers)
        assert woken(watchers) == AT_ONCE
        few = AT_ONCE // 4
        run.send(watchers[few + 1 : AT_ONCE])
        assert woken(watchers) == AT_ONCE, "more than a few have yet to send"
        run.send(watchers[:1])
        assert woken(watchers) == 2 * AT_ONCE
        assert not run.ended
        run.send(watchers)
        assert woken(watchers) == len(watchers)
        assert run.ended == 1

    on_a_loop(test)


def test_who_is_not_read_is_waited_for_once_and_not_for_long():
    def test(loop: SetTime) -> None:
        run, watchers = Run(loop), [Sender() for _ in range(2 * AT_ONCE)]
        run.roll(watchers)
        loop.pass_time(PATIENCE_SECONDS - 0.01)
        assert woken(watchers) == AT_ONCE
        loop.pass_time(0.02)
        assert woken(watchers) == 2 * AT_ONCE
        run.send(watchers[AT_ONCE:])
        run.send(watchers[:AT_ONCE])  # read at last: of a wave that nobody counts any more
        again = [Sender() for _ in range(2 * AT_ONCE)]
        run.roll(again)
        assert woken(again) == AT_ONCE

    on_a_loop(test)


def test_after_a_quiet_moment_so_many_do_not_wait_for_each_other():
    def test(loop: SetTime) -> None:
        run, watchers, others = Run(loop, 3 * AT_ONCE), *([Sender() for _ in range(5 * AT_ONCE)] for _ in "ab")
        run.roll(watchers)
        for _ in range(5):
            loop.pass_time(0)
        assert woken(watchers) == 3 * AT_ONCE
        run.roll(others)
        assert woken(others) == 0, "it is not quiet now"
        for _ in range(20):
            run.send(watchers + others)
        assert woken(watchers) == woken(others) == 5 * AT_ONCE
        again = [Sender() for _ in range(5 * AT_ONCE)]
        run.roll(again)
        for _ in range(5):
            loop.pass_time(0)
        assert woken(again) == 3 * AT_ONCE

    on_a_loop(test)


def test_who_does_not_send_is_not_waited_for():
    def test(loop: SetTime) -> None:
        run, watchers = Run(loop), [Sender(sends=False) for _ in range(5 * AT_ONCE)]
        run.roll(watchers)
        for _ in range(5):
            loop.pass_time(0)
        assert woken(watchers) == len(watchers)
        assert run.ended == 1

    on_a_loop(test)


def test_boards_take_turns():
    def test(loop: SetTime) -> None:
        run, many, others = Run(loop), [Sender() for _ in range(10 * AT_ONCE)], [Sender() for _ in range(10)]
        run.roll(many)
        run.roll(others)
        assert (woken(many), woken(others)) == (AT_ONCE, 0)
        run.send(many)
        run.send(many)
        assert woken(others) == len(others)
        assert woken(many) < len(many), "nobody waits for a long round to end"

    on_a_loop(test)


def test_few_watchers_of_many_boards_do_not_wait_for_each_other():
    def test(loop: SetTime) -> None:
        run, boards = Run(loop), [[Sender()] for _ in range(AT_ONCE)]
        for watchers in boards:
            run.roll(watchers)
        assert all(woken(watchers) == 1 for watchers in boards)
        assert run.ended == AT_ONCE

    on_a_loop(test)


@pytest.mark.parametrize("windows", [1, 2, AT_ONCE, 10 * AT_ONCE])
def test_all_who_watch_a_board_see_its_last_state(windows):
    def test(loop: SetTime) -> None:
        board, watchers = make_board(), [Sender() for _ in range(AT_ONCE * 2 + 10)]
        for number, watcher in enumerate(watchers):
            board.show(Around(f"user-{number % windows}", 4), watcher)
        loop.run_until_complete(change_twice(board))
        assert sum(watcher.looked == [3] for watcher in watchers) == AT_ONCE
        assert sum(watcher.looked == [] for watcher in watchers) == AT_ONCE + 10
        for _ in range(10):
            loop.run_until_complete(all_send(watchers))
            loop.pass_time(1)
        assert [watcher.looked[-1] for watcher in watchers] == [4] * len(watchers)

    on_a_loop(test)


@pytest.mark.parametrize("ends", [False, True], ids=["are read on", "end"])
def test_watches_are_waited_for_until_they(ends):
    def test(loop: SetTime) -> None:
        loop.run_until_complete(others_are_woken_when(ends))

    on_a_loop(test)


async def others_are_woken_when(ends: bool) -> None:
    board = make_board()
    watches = [make_watch(board).messages() for _ in range(2 * AT_ONCE)]
    for watch in watches:
        await anext(watch)
    reading = {watch: asyncio.create_task(anext(watch)) for watch in watches}
    await settled()
    change(board)
    await settled()
    sending = [watch for watch, read in reading.items() if read.done()]
    assert len(sending) == AT_ONCE
    later = [asyncio.create_task(watch.aclose() if ends else anext(watch)) for watch in sending]
    await settled()
    assert all(read.done() for read in reading.values())
    for task in later:
        task.cancel()
    await asyncio.gather(*later, return_exceptions=True)
    for watch in watches:
        await watch.aclose()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def change_twice(board: Board) -> None:
    change(board)
    change(board)


async def all_send(watchers: list[Sender]) -> None:
    for watcher in watchers:
        watcher.sent()
