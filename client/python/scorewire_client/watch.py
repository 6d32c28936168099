"""A watch for threads."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any, Self, TypeVar

import grpc

from scorewire.score.v1.score_pb2 import WatchLeaderboardResponse
from scorewire_client.connection import Connection
from scorewire_client.errors import ScorewireError, decode_error
from scorewire_client.results import Board
from scorewire_client.watching import Silence, Watching, WatchState, ended

T = TypeVar("T")


class Watch(Iterator[Board]):
    """A board's newest state, again and again, whole each time: iterate over it.

    A stream that breaks, or falls silent, is begun again where it ended. Raises ScorewireError where that cannot help,
    and where the server cannot be reached at the very start.
    """

    def __init__(self, connection: Connection[grpc.Channel], watching: Watching) -> None:
        self._streams = _Streams(connection, watching)
        self._boards = self._streams.boards()

    @property
    def state(self) -> WatchState:
        """How the watch stands."""
        return self._streams.watching.state

    def close(self) -> None:
        """Ends the watch, from any thread; who waits for its next board learns that there is none."""
        self._streams.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __next__(self) -> Board:
        return next(self._boards)


class _Streams:
    """The streams of a watch, one after the other. They do not know the `Watch`, so one that is dropped ends."""

    def __init__(self, connection: Connection[grpc.Channel], watching: Watching) -> None:
        self.watching = watching
        self._connection = connection
        self._over = threading.Event()
        self._stream: Any = None

    def close(self) -> None:
        self._over.set()
        if self._stream:
            self._stream.cancel()

    def boards(self) -> Generator[Board, None, None]:
        while not self._over.is_set():
            try:
                with closing(self._messages()) as messages:
                    for message in messages:
                        if board := self.watching.take(message):
                            yield board
                error = ended()
            except ScorewireError as broken:
                error = broken
            if not self._over.is_set():
                self._over.wait(self.watching.pause(error))

    def _messages(self) -> Generator[WatchLeaderboardResponse, None, None]:
        with self._connection.lent() as channel:
            self._stream = stream = self.watching.open(channel)
            with _Watchdog(stream, self.watching.silence) as watchdog:
                try:
                    watchdog.within(stream.initial_metadata)
                    # A stream that is refused is over with its first answer.
                    if not stream.done():
                        self.watching.opened()
                    while not self._over.is_set() and (message := watchdog.within(lambda: next(stream, None))):
                        yield message
                except grpc.RpcError as failure:
                    error = Silence(self.watching.silence) if watchdog.has_cut else decode_error(failure)
                    raise error from failure
                finally:
                    stream.cancel()


class _Watchdog:
    """Cuts a stream that its reader has waited for so many seconds: waiting has no time limit of its own."""

    def __init__(self, stream: Any, seconds: float) -> None:
        self.has_cut = False
        self._stream = stream
        self._seconds = seconds
        self._until: float | None = None
        self._over = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, name="scorewire watchdog", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def within(self, wait: Callable[[], T]) -> T:
        """What `wait` answers in time; else the stream is cut, which ends the waiting."""
        self._until = time.monotonic() + self._seconds
        try:
            return wait()
        finally:
            self._until = None

    def _watch(self) -> None:
        left = self._seconds
        while not self._over.wait(left):
            until = self._until
            left = self._seconds if until is None else until - time.monotonic()
            if left <= 0:
                self.has_cut = True
                self._stream.cancel()
                return
