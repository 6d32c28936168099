"""Watches that a test reads in the background."""

import threading
from collections.abc import Callable

import grpc

from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest, WatchLeaderboardResponse
from tests import promises
from tests.running import SECONDS, RunningServer
from tests.waiting import until


class Watching:
    """A watch, read in the background until it ends."""

    def __init__(self, server: RunningServer, **request: object) -> None:
        self.messages: list[WatchLeaderboardResponse] = []
        self.error: grpc.RpcError | None = None
        self._call = server.scores("gateway").WatchLeaderboard(WatchLeaderboardRequest(**request))
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            self.messages.extend(self._call)
        except grpc.RpcError as error:
            self.error = error

    def until(self, condition: Callable[[list[WatchLeaderboardResponse]], object], what: str) -> None:
        until(lambda: condition(self.messages) or not self._thread.is_alive(), what)
        assert condition(self.messages), what

    def until_revision(self, revision: int) -> None:
        self.until(lambda m: any(b.revision >= revision for b in promises.boards(m)), f"revision {revision}")

    def wait_ended(self) -> None:
        self._thread.join(SECONDS)
        assert not self._thread.is_alive(), "the watch has not ended"

    def stop(self) -> None:
        self._call.cancel()
        self.wait_ended()
