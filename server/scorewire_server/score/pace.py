"""A pace: what is to be done is done at once after a quiet time, and under load at most once in a while."""

import asyncio
from collections.abc import Callable


class Pace:
    """Does `act` when it is hastened, but never sooner than `interval` seconds after it was done last."""

    def __init__(self, interval: float, act: Callable[[], None]) -> None:
        self._interval = interval
        self._act = act
        self._not_before = 0.0
        self._waiting: asyncio.TimerHandle | None = None

    def hasten(self) -> None:
        """Does it now or, where it was done just now, as soon as it may be done again."""
        if self._waiting:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._not_before:
            self._do(loop)
        else:
            self._waiting = loop.call_at(self._not_before, self._do, loop)

    def _do(self, loop: asyncio.AbstractEventLoop) -> None:
        self._waiting = None
        self._not_before = loop.time() + self._interval
        self._act()
