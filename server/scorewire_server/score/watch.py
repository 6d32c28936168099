"""The watch: the newest state of a board to whoever wants to see it, with the promises that the proto names."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from prometheus_client import Gauge

from scorewire.score.v1.score_pb2 import Heartbeat, WatchLeaderboardResponse
from scorewire_server.errors import BoardRebuilt, Draining, TooManyWatches
from scorewire_server.score.board import Board
from scorewire_server.score.bookmarks import Bookmarks

WATCHERS = Gauge("scorewire_watchers", "Open watches.")
_JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a stream sends: seconds between two boards at least, and of quiet before a heartbeat on average."""

    min_interval: float
    heartbeat: float

    def next_heartbeat(self) -> float:
        """Seconds of quiet, jittered so that a thousand streams do not beat as one."""
        return self.heartbeat * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret


class _Seen(NamedTuple):
    """What a watch has sent, or is to take for sent: a revision of one edition, with the bookmarks of that time."""

    revision: int
    edition: int
    bookmarks: Bookmarks


class Watches:
    """Every open watch of this server, at most `most`, and of those at most `most_of_one` of one address.

    A watch holds the message that it sends and the revision that it has seen, and no queue.
    """

    def __init__(self, pace: Pace, most: int, most_of_one: int) -> None:
        self._pace = pace
        self._most = most
        self._most_of_one = most_of_one
        self._open = 0
        self._open_of: Counter[str] = Counter()
        self._end = asyncio.Event()

    def end(self) -> None:
        """Lets every watch end with Draining as soon as it wakes."""
        self._end.set()

    @contextmanager
    def place(self, address: str | None) -> Iterator[None]:
        """A place for one watch of an address, where that is known, while entered. Raises TooManyWatches."""
        if self._open >= self._most:
            raise TooManyWatches(f"{self._open} watches are open, and more are not taken; watch again in a while")
        with self._place_of(address) if address else nullcontext():
            self._open += 1
            WATCHERS.inc()
            try:
                yield
            finally:
                self._open -= 1
                WATCHERS.dec()

    @contextmanager
    def _place_of(self, address: str) -> Iterator[None]:
        if self._open_of[address] >= self._most_of_one:
            raise TooManyWatches(f"this address has {self._most_of_one} watches open; end one before the next")
        self._open_of[address] += 1
        try:
            yield
        finally:
            self._open_of[address] -= 1
            if not self._open_of[address]:
                del self._open_of[address]  # or every address that ever watched would be remembered

    def watch(self, board: Board, limit: int, user_id: str | None, seen: int) -> AsyncIterator[bytes]:
        """Encoded `WatchLeaderboardResponse`s of states newer than the revision `seen`.

        Raises Draining, and BoardRebuilt where the state seen last was wrong.
        """
        return self._watch(board, limit, user_id, _Seen(seen, board.edition, board.bookmarks))

    async def _watch(self, board: Board, limit: int, user_id: str | None, seen: _Seen) -> AsyncIterator[bytes]:
        while not self._end.is_set():
            if board.revision > seen.revision:
                frame = board.top(limit)
                seen = _Seen(frame.revision, board.edition, board.bookmarks)
                yield frame.encoded + _own_standing(board, user_id)
                await _in_time(self._end.wait(), self._pace.min_interval)
            elif board.edition > seen.edition:
                raise BoardRebuilt("what this watch has sent was wrong, and is right now; watch again")
            elif not await _in_time(board.changed(), self._pace.next_heartbeat()):
                yield _heartbeat(seen)
        raise Draining("this server is shutting down; watch again with the last resume_token")


async def _in_time(happening: Awaitable[object], seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await happening
    except TimeoutError:
        return False
    return True


def _own_standing(board: Board, user_id: str | None) -> bytes:
    # Encoded messages that follow each other are one message: the board's bytes stay shared.
    place = board.ranking.place(user_id) if user_id else None
    return WatchLeaderboardResponse(standing=board.as_standing(place)).SerializeToString() if place else b""


def _heartbeat(seen: _Seen) -> bytes:
    token = seen.bookmarks.resume(seen.revision)
    return WatchLeaderboardResponse(heartbeat=Heartbeat(), resume_token=token).SerializeToString()
