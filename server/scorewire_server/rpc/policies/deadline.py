"""Every unary call ends in time, whether or not its client set a deadline; watches are exempt.

gRPC itself cancels a call at its client's deadline. This ends those that set none, or a far one. A timer for each call
costs 20 µs; looking over all open calls once a second costs nothing that can be measured.
"""

import asyncio
from typing import Any

from scorewire_server.errors import DeadlineExceeded
from scorewire_server.rpc.call import Call


class Deadlines:
    """The open unary calls of a server, each with the task that answers it."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._open: dict[asyncio.Task[Any], Call] = {}

    def enter(self, task: asyncio.Task[Any], call: Call) -> None:
        """A call begins."""
        self._open[task] = call

    def leave(self, task: asyncio.Task[Any]) -> None:
        """A call has ended."""
        del self._open[task]

    def in_progress(self) -> int:
        """How many there are."""
        return len(self._open)

    def cancel_overdue(self, now: float) -> None:
        """Cancels what has run for more than the longest time at `now`, as of `time.perf_counter`."""
        for task, call in list(self._open.items()):
            if now - call.started > self._longest and not call.cut:
                call.cut = DeadlineExceeded("no answer in time; see what became of the call before you repeat it")
                task.cancel()
