"""Clients of watches that read as late as a test wants, on a loop whose time it has in its hand."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scorewire.score.v1.score_pb2 import WatchLeaderboardResponse
from scorewire_server.errors import Refusal
from scorewire_server.score.board import Board
from scorewire_server.score.places import Places
from scorewire_server.score.watch import Asked
from tests.unit.score.looping import SetTime
from tests.unit.score.watching import TEN, make_watch

_STEPS = 20
"""More steps than anything takes that waits for no time to pass."""


class Reader:
    """Reads each message of a watch `delay` seconds after the one before; `ended` is how the watch did, if it has."""

    def __init__(self, loop: SetTime, board: Board, delay: float = 0.0, min_interval: float = 0.0) -> None:
        self.board = board
        self.delay = delay
        self.revision = -1
        self.ended: BaseException | None = None
        self.places = Places(1, 1)
        self._asked = Asked(TEN, whole_boards=True, min_interval=min_interval)
        self._task = loop.create_task(self._read())

    async def _read(self) -> None:
        messages = make_watch(self.board, self._asked, places=self.places).messages()
        try:
            async for encoded in messages:
                self.revision = WatchLeaderboardResponse.FromString(encoded).leaderboard.revision
                if self.delay:
                    await asyncio.sleep(self.delay)
        except Refusal as refusal:
            self.ended = refusal
        finally:
            await messages.aclose()

    def cancel(self) -> None:
        """Ends the call, whatever it does."""
        self._task.cancel()

    @property
    def is_open(self) -> bool:
        """Whether it goes on reading."""
        return not self._task.done()


@contextmanager
def reading(loop: SetTime) -> Iterator[list[Reader]]:
    """Readers to add to; in the end they are cancelled."""
    readers: list[Reader] = []
    try:
        yield readers
    finally:
        in_loop(loop, *(reader.cancel for reader in readers))
        settle(loop)


def in_loop(loop: SetTime, *acts: Callable[[], object]) -> None:
    """Does each of these as what runs on the loop does, before anything else."""

    async def do() -> None:
        for act in acts:
            act()

    loop.run_until_complete(do())


def settle(loop: SetTime) -> None:
    """Returns when all has happened that waits for no time to pass."""
    for _ in range(_STEPS):
        loop.run_until_complete(asyncio.sleep(0))


def wait(loop: SetTime, seconds: float, step: float = 0.05) -> None:
    """Lets time pass bit by bit, and all happen that is due meanwhile."""
    for _ in range(round(seconds / step)):
        loop.pass_time(step)
        settle(loop)
