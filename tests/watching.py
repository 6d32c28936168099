"""A watch that a test reads in the background, whichever way it goes to the server."""

import threading
from collections.abc import Callable
from typing import Any

import grpc

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    Leaderboard,
    WatchLeaderboardRequest,
    WatchLeaderboardResponse,
)
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests import promises
from tests.running import SECONDS
from tests.waiting import until

WINDOWS: dict[str, dict[str, Any]] = {
    "the top": {"limit": 3},
    "around a user": {"around_user_id": "user-3", "radius": 2},
    "some users": {"user_ids": ["user-1", "user-5", "user-12", "nobody"]},
}
"""One of each kind, as a request has it."""


class Watching:
    """A watch, read until it ends."""

    def __init__(self, scores: ScoreServiceStub, **request: Any) -> None:
        self.messages: list[WatchLeaderboardResponse] = []
        self.error: grpc.RpcError | None = None
        self.whole_boards = bool(request.get("whole_boards"))
        self._call = scores.WatchLeaderboard(WatchLeaderboardRequest(**request))
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            self.messages.extend(self._call)
        except grpc.RpcError as error:
            self.error = error

    def until(self, condition: Callable[[list[WatchLeaderboardResponse]], object], what: str) -> None:
        """Returns when the messages are as they should be; fails where the watch ends before."""
        until(lambda: condition(self.messages) or not self._thread.is_alive(), what)
        assert condition(self.messages), what

    def until_revision(self, revision: int) -> None:
        """Returns when a state of that revision or later has come."""
        self.until(lambda m: any(b.revision >= revision for b in promises.boards(list(m))), f"revision {revision}")

    def wait_ended(self) -> None:
        """Returns when it has ended."""
        self._thread.join(SECONDS)
        assert not self._thread.is_alive(), "the watch has not ended"

    def stop(self) -> None:
        """Ends it."""
        self._call.cancel()
        self.wait_ended()

    def check(self) -> None:
        """Holds what has come so far against what every stream promises."""
        promises.kept(self.messages)
        promises.begins_whole(self.messages, whole_boards=self.whole_boards)
        promises.tells_changes(self.messages)


def read(scores: ScoreServiceStub, window: dict[str, Any]) -> Leaderboard:
    """The newest state of a window."""
    return scores.GetLeaderboard(GetLeaderboardRequest(**window)).leaderboard


def read_until(call: Any, revision: int) -> list[WatchLeaderboardResponse]:
    """What a watch that nobody reads in the background brings up to a state of that revision; ends it."""
    messages: list[WatchLeaderboardResponse] = []
    for message in call:
        messages.append(message)
        if promises.boards(messages)[-1].revision >= revision:
            break
    call.cancel()
    return messages


def write(internal: ScoreInternalServiceStub, writer: int) -> None:
    """Many awards of a few users, beside those of other writers."""
    for number in range(40):
        users = [f"user-{(number * 7 + writer + n) % 13}" for n in range(number % 4 + 1)]
        batch = [ApplyScoreRequest(user_id=user, points=number % 5 - 1) for user in users]
        internal.ApplyScores(ApplyScoresRequest(awards=batch))
