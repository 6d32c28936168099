"""A pace: a round is made at once after a quiet time, and under load at most once in a while."""

import asyncio
from collections.abc import Callable


class Pace:
    """Makes a round when it is hastened, never sooner than `interval` seconds after the last one began.

    `make_round` is given what it calls when the round has ended. No round begins before the last one has ended, so that
    they come less often where there is too much to do.
    """

    def __init__(self, interval: float, make_round: Callable[[Callable[[], None]], None]) -> None:
        self._interval = interval
        self._make_round = make_round
        self._not_before = 0.0
        self._waiting: asyncio.TimerHandle | None = None
        self._under_way = False
        self._again = False

    def hasten(self) -> None:
        """Makes a round now or, where one is under way or was just now, as soon as there may be another."""
        if self._under_way:
            self._again = True
        elif self._waiting is None:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._not_before:
                self._begin(loop)
            else:
                self._waiting = loop.call_at(self._not_before, self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._waiting, self._again, self._under_way = None, False, True
        self._not_before = loop.time() + self._interval
        self._make_round(self._end)

    def _end(self) -> None:
        self._under_way = False
        if self._again:
            self.hasten()
