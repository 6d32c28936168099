"""Rounds at a pace, on a loop whose time a test has in its hand."""

from collections.abc import Callable

from scorewire_server.score.pace import Pace
from tests.unit.score.looping import SetTime, on_a_loop

INTERVAL = 0.1


def hasten(loop: SetTime, pace: Pace, times: int = 1) -> None:
    async def call() -> None:
        for _ in range(times):
            pace.hasten()

    loop.run_until_complete(call())


def test_the_first_round_after_quiet_is_made_at_once_and_others_at_the_pace():
    def test(loop: SetTime) -> None:
        rounds: list[float] = []

        def make_round(ended: Callable[[], None]) -> None:
            rounds.append(round(loop.time(), 3))
            ended()

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


async def ended(end: Callable[[], None]) -> None:
    end()


def test_no_round_begins_before_the_last_one_has_ended():
    def test(loop: SetTime) -> None:
        ends: list[Callable[[], None]] = []
        pace = Pace(INTERVAL, ends.append)
        hasten(loop, pace, times=3)
        loop.pass_time(60)
        assert len(ends) == 1
        loop.run_until_complete(ended(ends[0]))
        assert len(ends) == 2
        loop.run_until_complete(ended(ends[1]))
        loop.pass_time(60)
        assert len(ends) == 2, "nothing was asked for since the second began"

    on_a_loop(test)
