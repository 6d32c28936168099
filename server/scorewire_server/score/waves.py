"""Waves: of many watchers with something to send some send at a time, so that what else is to be done comes between."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol

AT_ONCE = 100
"""How many watchers send at a time: as many take a few milliseconds."""
_FEW = AT_ONCE // 4
"""How many of them are left when others are woken, so that a few slow ones hold nobody up."""
PATIENCE_SECONDS = 0.1
"""How long others wait for those of a wave that their clients do not read."""


class Wakeable(Protocol):
    """Who is woken."""

    def wake(self, wave: "Wave") -> bool:
        """Sends what there is, and tells the wave when that has gone; answers whether it does."""
        ...


class Wave:
    """Watchers that were woken together."""

    __slots__ = ("_counted", "_gone", "_timer")

    def __init__(self, gone: Callable[[int], None]) -> None:
        self._gone = gone
        self._counted = 0
        self._timer: asyncio.TimerHandle | None = None

    def wake(self, watchers: Iterable[Wakeable]) -> int:
        """Wakes them, and answers how many of them send."""
        self._counted = sum(watcher.wake(self) for watcher in watchers)
        if self._counted:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._give_up)
        return self._counted

    def passed(self) -> None:
        """One of them has sent, or has ended."""
        if self._counted:
            self._counted -= 1
            self._gone(1)
            if not self._counted and self._timer:
                self._timer.cancel()

    def _give_up(self) -> None:
        left, self._counted = self._counted, 0
        self._gone(left)


class Waves:
    """All waves of a server, whatever boards they are of.

    What gRPC has yet to tell of is told in its order, so that an award waits behind every message that is under way:
    that is why these are few.
    """

    def __init__(self) -> None:
        self._rounds: deque[tuple[Iterator[Wakeable], Callable[[], None]]] = deque()
        self._under_way = 0
        self._next: asyncio.Handle | None = None

    def roll(self, watchers: Iterator[Wakeable], ended: Callable[[], None]) -> None:
        """Wakes each of the watchers, which are asked for one after another, and calls `ended` after the last one."""
        self._rounds.append((watchers, ended))
        if self._next is None and self._under_way < AT_ONCE:
            self._wake_some()

    def _wake_some(self) -> None:
        self._next = None
        watchers, ended = self._rounds.popleft()
        some = list(islice(watchers, AT_ONCE))
        self._under_way += Wave(self._gone).wake(some)
        if len(some) < AT_ONCE:
            ended()
        else:
            self._rounds.append((watchers, ended))
        self._go_on()

    def _gone(self, count: int) -> None:
        self._under_way -= count
        self._go_on()

    def _go_on(self) -> None:
        if self._rounds and self._next is None and self._under_way <= _FEW:
            self._next = asyncio.get_running_loop().call_soon(self._wake_some)
