"""Waves: of many watchers with something to send some send at a time, so that what else is to be done comes between."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol

import structlog

AT_ONCE = 100
"""How many watchers send at a time: as many take a few milliseconds."""
BURST = 1_000
"""How many are woken without waiting for each other after a quiet moment: it costs a tenth less, and is soon over."""
PATIENCE_SECONDS = 0.1
"""How long others wait for those of a wave that their clients do not read."""

log = structlog.get_logger()


class Wakeable(Protocol):
    """Who is woken."""

    late: int
    """Of how many more messages it is late, because one was read so late that others waited for it in vain."""

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
            if not self._counted and self._timer:
                self._timer.cancel()
            self._gone(1)

    def _give_up(self) -> None:
        left, self._counted = self._counted, 0
        self._gone(left)


class Lane:
    """Waves one after another, of at most `at_once` watchers each: the next when a quarter of them is left.

    So a few slow ones hold nobody up. After a quiet moment the first `burst` watchers do not wait for each other.
    """

    def __init__(self, at_once: int, burst: int = 0) -> None:
        self._at_once = at_once
        self._burst = burst
        self._at_first = 0
        self._few = at_once // 4
        self._rounds: deque[tuple[Iterator[Wakeable], Callable[[], None]]] = deque()
        self._under_way = 0
        self._next: asyncio.Handle | None = None

    def roll(self, watchers: Iterator[Wakeable], ended: Callable[[], None]) -> None:
        """Wakes each of the watchers, which are asked for one after another, and calls `ended` after the last one.

        Never raises: where a watcher does, its round has ended.
        """
        if not self._rounds and not self._under_way:
            self._at_first = self._burst
        self._rounds.append((watchers, ended))
        if self._next is None and self._under_way < self._at_once:
            self._wake_some()

    def _wake_some(self) -> None:
        self._next = None
        watchers, ended = self._rounds.popleft()
        if self._wake(watchers) < self._at_once:
            ended()
        else:
            self._rounds.append((watchers, ended))
        self._go_on()

    def _wake(self, watchers: Iterator[Wakeable]) -> int:
        """How many have been woken; none where that has failed."""
        try:
            some = list(islice(watchers, self._at_once))
            self._under_way += Wave(self._gone).wake(some)
        except Exception:  # the board must be shown again
            log.exception("a round of watches failed")
            return 0
        self._at_first = max(self._at_first - len(some), 0)
        return len(some)

    def _gone(self, count: int) -> None:
        self._under_way -= count
        self._go_on()

    def _go_on(self) -> None:
        if self._rounds and self._next is None and (self._under_way <= self._few or self._at_first):
            self._next = asyncio.get_running_loop().call_soon(self._wake_some)


class Waves:
    """All waves of a server, whatever boards they are of.

    What gRPC has yet to tell of is told in its order, so that an award waits behind every message that is under way:
    that is why these are few. Who is late has waves of its own, which no round waits for.
    """

    def __init__(self, at_once: int = AT_ONCE, burst: int = BURST) -> None:
        self._in_time = Lane(at_once, burst)
        self._late = Lane(at_once // 4)
        self._put_off: OrderedDict[Wakeable, None] = OrderedDict()
        self._late_roll = False

    def roll(self, watchers: Iterator[Wakeable], ended: Callable[[], None]) -> None:
        """Wakes each of the watchers, which are asked for one after another.

        Calls `ended` after the last one of those who are not late.
        """

        def end() -> None:
            self._roll_late()
            ended()

        self._in_time.roll(self._without_late(watchers), end)

    def _without_late(self, watchers: Iterator[Wakeable]) -> Iterator[Wakeable]:
        for watcher in watchers:
            if watcher.late:
                self._put_off[watcher] = None
            else:
                yield watcher

    def _roll_late(self) -> None:
        if self._put_off and not self._late_roll:
            self._late_roll = True
            self._late.roll(self._one_by_one(), self._end_late)

    def _one_by_one(self) -> Iterator[Wakeable]:
        while self._put_off:
            yield self._put_off.popitem(last=False)[0]

    def _end_late(self) -> None:
        self._late_roll = False
