"""Actions under way: calls of the same action share one, and it goes on when its callers have gone."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from scorewire_server.errors import DeadlineExceeded, Overloaded, Refusal
from scorewire_server.storage.journal.records import Entry

log = structlog.get_logger()
Key = tuple[str, str]
"""User id, request id."""


class Flight:
    """One action under way. `ended` is its outcome as soon as that is durable, before its award is delivered."""

    def __init__(self, input_hash: str) -> None:
        self.input_hash = input_hash
        self.ended: Entry | None = None
        self.waiting = 0
        self.task: asyncio.Task[Entry]

    def end(self, entry: Entry) -> None:
        """The outcome is durable."""
        self.ended = entry

    async def wait(self, seconds: float) -> Entry:
        """What the action has come to after so many seconds, or before.

        Raises DeadlineExceeded where it has not ended by then, and what doing it raised.
        """
        self.waiting += 1
        try:
            await asyncio.wait([self.task], timeout=seconds)
        finally:
            self.waiting -= 1
        if self.task.done():
            return self.task.result()
        if self.ended is None:
            raise DeadlineExceeded("the action goes on; the same call with the same request_id brings its outcome")
        return self.ended


class Flights:
    """The actions under way, at most `most`, by user id and request id."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._flights: dict[Key, Flight] = {}

    def find(self, key: Key) -> Flight | None:
        """The flight of an action, where it is under way."""
        return self._flights.get(key)

    def start(
        self, key: Key, input_hash: str, perform: Callable[[Callable[[Entry], None]], Awaitable[Entry]]
    ) -> Flight:
        """Begins an action, which `perform` does. Raises Overloaded where too many are under way."""
        if len(self._flights) >= self._most:
            raise Overloaded("more actions are under way than this server takes; nothing was done, call again")
        flight = self._flights[key] = Flight(input_hash)
        flight.task = asyncio.ensure_future(perform(flight.end))
        flight.task.add_done_callback(lambda _: self._landed(key, flight))
        return flight

    def _landed(self, key: Key, flight: Flight) -> None:
        del self._flights[key]
        failure = None if flight.task.cancelled() else flight.task.exception()
        if failure and not flight.waiting and not isinstance(failure, Refusal):
            log.error("action failed when nobody waited for it", exc_info=failure, user=key[0])

    async def land(self, seconds: float) -> None:
        """Lets the actions under way end, and after so many seconds stops those that have not."""
        tasks = [flight.task for flight in self._flights.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
