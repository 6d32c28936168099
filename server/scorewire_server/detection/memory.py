"""What is remembered of users and addresses: so many at most, and of each a few numbers."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """The records that were needed last, `most` of them; a new one is made by `make`."""

    def __init__(self, most: int, make: Callable[[], T], forgotten: Callable[[T], None] = lambda _: None) -> None:
        self._most = most
        self._make = make
        self._forgotten = forgotten
        self._records: OrderedDict[str, T] = OrderedDict()

    def of(self, name: str) -> T:
        """The record of that name; makes one where there is none, and forgets the one that was not needed longest."""
        record = self._records.get(name)
        if record is None:
            record = self._records[name] = self._make()
            if len(self._records) > self._most:
                self._forgotten(self._records.popitem(last=False)[1])
        else:
            self._records.move_to_end(name)
        return record

    def find(self, name: str) -> T | None:
        """The record of that name, where there is one."""
        return self._records.get(name)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._records)


class Decaying:
    """A sum of which half is gone after every half-life. Times are in milliseconds."""

    __slots__ = ("_at", "_sum")

    def __init__(self) -> None:
        self._sum = 0.0
        self._at = 0

    def add(self, weight: float, at: int, half_life: float) -> float:
        """Adds something that was at a time; answers the sum as of then."""
        self._sum = self.value(at, half_life) + weight
        self._at = max(at, self._at)
        return self._sum

    def value(self, at: int, half_life: float) -> float:
        """The sum as of a time."""
        return self._sum * 0.5 ** (max(at - self._at, 0) / half_life) if self._sum else 0.0


class Tally:
    """How often something was within the current ten seconds; it *fires* at a number, and at each doubling of it.

    So a flood of the same leads to a handful of findings and not to a flood of them.
    """

    __slots__ = ("_next", "count", "window")

    WINDOW_MS = 10_000

    def __init__(self) -> None:
        self.count = 0
        self.window = 0
        self._next = 0.0

    def many(self, noun: str) -> str:
        """How many of these there were, in words."""
        return f"{self.count} {noun}" if self.count == 1 else f"{self.count} {noun}s"

    def add(self, at: int, first: float) -> bool:
        """Counts one at a time; answers whether it fires, for the first time at `first`."""
        window = at // self.WINDOW_MS
        if window > self.window:
            self.window, self.count, self._next = window, 0, first
        elif window < self.window:
            return False  # delivered late: its window is over
        self.count += 1
        if self.count < self._next:
            return False
        self._next = self.count * 2
        return True
