"""A pace: a round is made at once after a quiet time, and under load at most once in a while."""

import asyncio
from collections.abc import Callable, Iterator


class Pace:
    """Makes a round when it is hastened, never sooner than `interval` seconds after the last one began.

    A round has steps, each as long as others can be kept waiting: what is ready meanwhile comes between them. No round
    begins before the last one has ended, so that they come less often where there is too much to do.
    """

    def __init__(self, interval: float, make_round: Callable[[], Iterator[None]]) -> None:
        self._interval = interval
        self._make_round = make_round
        self._not_before = 0.0
        self._waiting: asyncio.TimerHandle | None = None
        self._steps: Iterator[None] | None = None
        self._again = False

    def hasten(self) -> None:
        """Makes a round now or, where one is under way or was just now, as soon as there may be another."""
        if self._steps is not None:
            self._again = True
        elif self._waiting is None:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._not_before:
                self._begin(loop)
            else:
                self._waiting = loop.call_at(self._not_before, self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._waiting, self._again = None, False
        self._not_before = loop.time() + self._interval
        self._steps = self._make_round()
        self._step(loop)

    def _step(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._steps is not None and next(self._steps, self) is not self:
            loop.call_soon(self._step, loop)
            return
        self._steps = None
        if self._again:
            self.hasten()
