"""Watches of a board without a server, for the tests of both halves of the watch."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256

from scorewire.score.v1.score_pb2 import WatchLeaderboardResponse
from scorewire_server.score.board import Board
from scorewire_server.score.places import Places
from scorewire_server.score.ranking import Ranking
from scorewire_server.score.watch import Asked, Times, Watch
from scorewire_server.score.waves import Waves
from scorewire_server.score.windows import Top
from scorewire_server.storage.records import Newest
from tests import promises

AGES = 3600.0
SOON = 0.005
PATIENT = Times(AGES, AGES)
AT = 1_800_000_000_000
TEN = Top(10)


class Stream:
    """A watch that is read in the background."""

    def __init__(self, messages: AsyncIterator[bytes]) -> None:
        self.messages: list[WatchLeaderboardResponse] = []
        self._grown = asyncio.Event()
        self.task = asyncio.create_task(self._read(messages))

    async def _read(self, messages: AsyncIterator[bytes]) -> None:
        async for encoded in messages:
            self.messages.append(WatchLeaderboardResponse.FromString(encoded))
            self._grown.set()

    async def until(self, condition: Callable[[list[WatchLeaderboardResponse]], bool]) -> None:
        """Returns when the messages are as they should be."""
        while not condition(self.messages):
            await self._grown.wait()
            self._grown.clear()

    async def until_revision(self, revision: int) -> None:
        """Returns when a state of that revision or later has been sent."""
        await self.until(lambda messages: any(b.revision >= revision for b in promises.boards(messages)))


def newest(position: int, chain: str = "ours") -> Newest:
    """A row of a ledger; rows of other chains have other hashes."""
    return Newest(position, AT + position, sha256(f"{chain} {position}".encode()).digest())


def make_board(min_interval: float = 0.0) -> Board:
    """Ada and Bob."""
    made = Board("main", {"ada": "Ada"}, "d" * 32, Waves(burst=0), min_interval)
    made.restore(Ranking([("ada", 5, 1), ("bob", 3, 2)]), newest(2))
    return made


def change(board: Board, user_id: str = "ada", points: int = 1) -> None:
    """An award, on this board alone."""
    position = board.revision + 1
    place = board.ranking.place(user_id)
    board.ranking.update(user_id, (place.score if place else 0) + points, position)
    board.publish(newest(position))


def make_places(most: int = 1000) -> Places:
    """As a server has them."""
    return Places(most, most)


def make_watch(board: Board, asked: Asked | None = None, times: Times = PATIENT, places: Places | None = None) -> Watch:
    """A watch that is not open yet; without `asked`, of the top ten."""
    return Watch(board, asked or Asked(TEN), times, places or make_places(), never)


@asynccontextmanager
async def watching(
    board: Board, times: Times = PATIENT, asked: Asked | None = None, places: Places | None = None
) -> AsyncIterator[Stream]:
    """A watch that is read while entered; without `asked`, of the top ten."""
    messages = make_watch(board, asked, times, places).messages()
    stream = Stream(messages)
    try:
        yield stream
    finally:
        stream.task.cancel()
        await asyncio.wait([stream.task])
        await messages.aclose()


def never() -> None:
    """What a watch does that is stalled, in tests where none may be."""
    raise AssertionError("a watch that is read has stalled")
