"""The places of a server for watches: how many there are, whose, and how all of them end."""

import random
from collections import Counter
from typing import Protocol

from prometheus_client import Gauge

from scorewire_server.errors import Draining, TooManyWatches

WATCHERS = Gauge("scorewire_watchers", "Open watches.")
_BACK_AT_ONCE = 500
"""How many watches that a drain has ended shall come back in a second, where there are so many."""
_SOONEST_BACK, _BACK_WITHIN, _LATEST_BACK = 0.5, 1.0, 30.0


class Ends(Protocol):
    """What has a place."""

    def end(self, draining: Draining) -> None:
        """Is told to end."""
        ...


class Places:
    """Places for `most` watches, and of those for `most_of_one` of one address."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._taken: set[Ends] = set()
        self._taken_of: Counter[str] = Counter()
        self._draining = False

    def take(self, watch: Ends, address: str | None) -> None:
        """Gives a watch of an address, where that is known, a place; in a drain it shall end. Raises TooManyWatches."""
        if len(self._taken) >= self._most:
            raise TooManyWatches(f"{len(self._taken)} watches are open, and more are not taken; watch again in a while")
        if address:
            if self._taken_of[address] >= self._most_of_one:
                raise TooManyWatches(f"this address has {self._most_of_one} watches open; end one before the next")
            self._taken_of[address] += 1
        self._taken.add(watch)
        WATCHERS.inc()
        if self._draining:
            watch.end(self._drained())

    def leave(self, watch: Ends, address: str | None) -> None:
        """The place is free again."""
        self._taken.remove(watch)
        WATCHERS.dec()
        if address:
            self._taken_of[address] -= 1
            if not self._taken_of[address]:
                del self._taken_of[address]  # or every address that ever watched would be remembered

    def end(self) -> None:
        """Lets every watch end with Draining, each with a time of its own to come back."""
        self._draining = True
        for watch in self._taken:
            watch.end(self._drained())

    def back_after(self) -> float:
        """Seconds after which one of those who watch now comes back, all together at a rate that a server can take."""
        within = min(max(_BACK_WITHIN, len(self._taken) / _BACK_AT_ONCE), _LATEST_BACK)
        return _SOONEST_BACK + random.uniform(0, within)  # noqa: S311 - no secret

    def _drained(self) -> Draining:
        problem = "this server is shutting down; watch again with the last resume_token"
        return Draining(problem, retry_after=self.back_after())
