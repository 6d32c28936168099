"""A watch for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, Self

import grpc

from scorewire.score.v1.score_pb2 import WatchLeaderboardResponse
from scorewire_client.connection import Connection
from scorewire_client.errors import ScorewireError, decode_error
from scorewire_client.results import Board
from scorewire_client.watching import Silence, Watching, WatchState, ended


class AsyncWatch(AsyncIterator[Board]):
    """`Watch` for asyncio: the same boards, states and errors. `close` it, or cancel the task that iterates over it."""

    def __init__(self, connection: Connection[grpc.aio.Channel], watching: Watching) -> None:
        self._streams = _Streams(connection, watching)
        self._boards = self._streams.boards()

    @property
    def state(self) -> WatchState:
        """How the watch stands."""
        return self._streams.watching.state

    def close(self) -> None:
        """Ends the watch; who waits for its next board learns that there is none."""
        self._streams.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await self._boards.aclose()

    async def __anext__(self) -> Board:
        return await anext(self._boards)


class _Streams:
    """The streams of a watch, one after the other. They do not know the `AsyncWatch`, so one that is dropped ends."""

    def __init__(self, connection: Connection[grpc.aio.Channel], watching: Watching) -> None:
        self.watching = watching
        self._connection = connection
        self._over = asyncio.Event()
        self._stream: Any = None

    def close(self) -> None:
        self._over.set()
        if self._stream:
            self._stream.cancel()

    async def boards(self) -> AsyncGenerator[Board, None]:
        while not self._over.is_set():
            try:
                async with aclosing(self._messages()) as messages:
                    async for message in messages:
                        if board := self.watching.take(message):
                            yield board
                error = ended()
            except ScorewireError as broken:
                error = broken
            if not self._over.is_set():
                await self._rest(self.watching.pause(error))

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    async def _messages(self) -> AsyncGenerator[WatchLeaderboardResponse, None]:
        silence = self.watching.silence
        with self._connection.lent() as channel:
            self._stream = stream = self.watching.open(channel)
            try:
                await asyncio.wait_for(stream.initial_metadata(), silence)
                # A stream that is refused is over with its first answer.
                if not stream.done():
                    self.watching.opened()
                while (message := await asyncio.wait_for(stream.read(), silence)) is not grpc.aio.EOF:
                    yield message
            except asyncio.CancelledError:
                # A stream that is cancelled looks to its reader as if its task were.
                if not self._over.is_set() or _cancelled():
                    raise
            except TimeoutError:
                raise Silence(silence) from None
            except grpc.RpcError as failure:
                raise decode_error(failure) from failure
            finally:
                stream.cancel()


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
