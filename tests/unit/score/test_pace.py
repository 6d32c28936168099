"""Rounds at a pace, on a loop whose time a test has in its hand."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from scorewire_server.score.board import _WOKEN_AT_ONCE
from scorewire_server.score.pace import Pace
from scorewire_server.score.views import Frame
from scorewire_server.score.windows import Around
from tests.unit.score.watching import change, make_board

INTERVAL = 0.1


class SetTime(asyncio.SelectorEventLoop):
    """Its time stands still until it is told to go on."""

    now = 100.0

    def time(self) -> float:
        return self.now

    def pass_time(self, seconds: float) -> None:
        """Lets time pass, and what is due by then happen."""
        self.now += seconds
        self.run_until_complete(asyncio.sleep(0))
        self.run_until_complete(asyncio.sleep(0))


def on_a_loop(test: Callable[[SetTime], None]) -> None:
    loop = SetTime()
    try:
        test(loop)
    finally:
        loop.close()


def hasten(loop: SetTime, pace: Pace, times: int = 1) -> None:
    async def call() -> None:
        for _ in range(times):
            pace.hasten()

    loop.run_until_complete(call())


def test_the_first_round_after_quiet_is_made_at_once_and_others_at_the_pace():
    def test(loop: SetTime) -> None:
        rounds: list[float] = []

        def make_round() -> Iterator[None]:
            rounds.append(round(loop.time(), 3))
            yield from ()

        pace = Pace(INTERVAL, make_round)
        for _ in range(5):
            hasten(loop, pace)
        assert rounds == [100.0]
        loop.pass_time(0.05)
        assert rounds == [100.0]
        loop.pass_time(0.05)
        assert rounds == [100.0, 100.1]
        loop.pass_time(60)  # nothing was asked for
        hasten(loop, pace)
        assert rounds == [100.0, 100.1, 160.1]

    on_a_loop(test)


def test_no_round_begins_before_the_last_one_has_ended():
    def test(loop: SetTime) -> None:
        steps: list[str] = []

        def make_round() -> Iterator[None]:
            for step in "abc":
                steps.append(step)
                yield

        pace = Pace(0.0, make_round)
        hasten(loop, pace, times=3)
        for _ in range(10):
            loop.pass_time(1)
        assert "".join(steps) == "abcabc"

    on_a_loop(test)


class Shown:
    """A watcher that notes what it is shown."""

    own_user_id = None

    def __init__(self) -> None:
        self.shown = 0
        self.looked: list[int] = []

    def show(self, frame: Frame, _: object) -> None:
        self.shown = frame.state.revision

    def wake(self) -> None:
        self.looked.append(self.shown)


@pytest.mark.parametrize("windows", [1, 2, _WOKEN_AT_ONCE, 10 * _WOKEN_AT_ONCE])
def test_many_are_woken_some_at_a_time_and_see_the_last_state_all(windows):
    def test(loop: SetTime) -> None:
        board, watchers = make_board(), [Shown() for _ in range(_WOKEN_AT_ONCE * 2 + 10)]
        for number, watcher in enumerate(watchers):
            board.show(Around(f"user-{number % windows}", 4), watcher)

        async def change_twice() -> None:
            change(board)
            assert sum(watcher.looked == [3] for watcher in watchers) == _WOKEN_AT_ONCE
            assert sum(watcher.looked == [] for watcher in watchers) == _WOKEN_AT_ONCE + 10
            change(board)

        loop.run_until_complete(change_twice())
        for _ in range(10):
            loop.pass_time(1)
        assert [watcher.looked[-1] for watcher in watchers] == [4] * len(watchers)

    on_a_loop(test)
