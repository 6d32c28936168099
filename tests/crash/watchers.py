"""Somebody who watches a board through every fault, and holds what is seen against the promises."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from itertools import groupby
from typing import Any, NamedTuple

import grpc

from scorewire.score.v1.score_pb2 import Leaderboard, WatchLeaderboardRequest
from scorewire.score.v1.score_pb2 import WatchLeaderboardResponse as Message
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire.score.v1.token_pb2 import ResumeToken
from tests import promises
from tests.crash.book import Book
from tests.waiting import becomes, comes

LIMIT = 100
SILENCE_SECONDS = 3.0
"""Servers of these tests send a heartbeat every second; a stream that misses three is dead."""


class Heard(NamedTuple):
    """A message, from a ledger that had been set back so often."""

    set_back: int
    message: Message


class Watcher:
    """Watches one board; a stream that ends is begun again with the last resume token."""

    def __init__(self, name: str, channel: grpc.aio.Channel, board_id: str, book: Book) -> None:
        self.name = name
        self._stub: Any = ScoreServiceStub(channel)
        self.board_id = board_id
        self._book = book
        self._heard: list[Heard] = []

    @property
    def _messages(self) -> list[Message]:
        return [heard.message for heard in self._heard]

    @asynccontextmanager
    async def watching(self) -> AsyncIterator["Watcher"]:
        """Watches while entered."""
        task = asyncio.create_task(self._watch())
        try:
            yield self
        finally:
            while not task.done():  # a stream that ends at the same moment swallows a cancellation
                task.cancel()
                await asyncio.wait([task], timeout=1)

    async def converges(self, newest: Leaderboard) -> None:
        """Returns when the newest board has come, as all that was promised."""
        await becomes(lambda: promises.boards(self._messages)[-1:] == [newest], f"{self.name}: the newest board")
        for _, heard in groupby(self._heard, _ledger):
            promises.kept([message for _, message in heard])
        await self._returns(newest)
        last = Message(leaderboard=newest, resume_token=self._heard[-1].message.resume_token)
        self._heard = [Heard(self._book.set_back, last)]

    async def _returns(self, newest: Leaderboard) -> None:
        """Somebody who watched long ago, and comes back, is shown the newest board."""
        old = self._heard[0].message
        message = await comes(lambda: self._first(old), f"{self.name}: a first message")
        shown = message.leaderboard if message.HasField("leaderboard") else old.leaderboard
        assert shown == newest, f"{self.name}: {shown} is shown to one who comes back"

    async def _first(self, last: Message) -> Message | None:
        stream = self._open(last)
        try:
            message: Message = await _in_time(stream.read())
        except grpc.aio.AioRpcError:
            return None
        finally:
            stream.cancel()
        return message

    async def _watch(self) -> None:
        while True:
            with suppress(grpc.aio.AioRpcError, TimeoutError):
                await self._stream()
            await asyncio.sleep(0.05)

    async def _stream(self) -> None:
        set_back = self._book.set_back
        stream = self._open(self._heard[-1].message if self._heard else None)
        try:
            while (message := await _in_time(stream.read())) is not grpc.aio.EOF:
                if self._book.set_back > set_back:
                    return  # it may be of either ledger
                self._heard.append(Heard(set_back, message))
        finally:
            stream.cancel()

    def _open(self, last: Message | None) -> Any:
        token = last.resume_token if last else None
        return self._stub.WatchLeaderboard(
            WatchLeaderboardRequest(board_id=self.board_id, limit=LIMIT, resume_token=token)
        )


def _ledger(heard: Heard) -> tuple[int, str]:
    """What tells ledgers apart: one that was set back, or whose standings were mended, counts as another one."""
    token = heard.message.resume_token
    read = ResumeToken.FromString(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    return heard.set_back, read.database_id


async def _in_time(reading: Awaitable[Any]) -> Any:
    async with asyncio.timeout(SILENCE_SECONDS):
        return await reading
