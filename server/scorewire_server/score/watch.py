"""The watch: the newest state of a board to whoever wants to see it, with the promises that the proto names."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

from prometheus_client import Gauge

from scorewire.score.v1.score_pb2 import Heartbeat, WatchLeaderboardResponse
from scorewire_server.errors import Draining
from scorewire_server.score.board import Board

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


class Watches:
    """Every open watch of this server."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._ended = False

    def end(self) -> None:
        """Lets every watch end with Draining as soon as it wakes."""
        self._ended = True

    async def watch(self, board: Board, limit: int, user_id: str | None, seen: int) -> AsyncIterator[bytes]:
        """Encoded `WatchLeaderboardResponse`s of states newer than the revision `seen`. Raises Draining."""
        with WATCHERS.track_inprogress():
            while not self._ended:
                if board.revision > seen:
                    frame = board.top(limit)
                    seen = frame.revision
                    yield frame.encoded + _own_standing(board, user_id)
                    await asyncio.sleep(self._pace.min_interval)
                elif not await _woken(board, self._pace.next_heartbeat()):
                    yield _heartbeat(board, seen)
        raise Draining("this server is shutting down; watch again with the last resume_token")


async def _woken(board: Board, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await board.changed()
    except TimeoutError:
        return False
    return True


def _own_standing(board: Board, user_id: str | None) -> bytes:
    # Encoded messages that follow each other are one message: the board's bytes stay shared.
    place = board.ranking.place(user_id) if user_id else None
    return WatchLeaderboardResponse(standing=board.as_standing(place)).SerializeToString() if place else b""


def _heartbeat(board: Board, seen: int) -> bytes:
    token = board.bookmarks.resume(seen)
    return WatchLeaderboardResponse(heartbeat=Heartbeat(), resume_token=token).SerializeToString()
