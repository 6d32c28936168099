"""From a request to a watch, whichever form it is sent in."""

import asyncio
from dataclasses import dataclass

from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest
from scorewire_server.errors import WatchStalled
from scorewire_server.rpc.address import counted_address
from scorewire_server.rpc.call import Call, current
from scorewire_server.score.forms import Form
from scorewire_server.score.places import Places
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.score.watch import Asked, Times, Watch
from scorewire_server.score.windows import window_of


class Watching:
    """Makes the watches that calls ask for.

    `min_interval` is the operator's shortest time between two states of a board, in seconds.
    """

    def __init__(self, scoreboard: Scoreboard, places: Places, times: Times, min_interval: float) -> None:
        self.places = places
        self._scoreboard = scoreboard
        self._times = times
        self._min_interval = min_interval

    def watch(self, request: WatchLeaderboardRequest, resume_token: str, form: Form) -> Watch:
        """The watch that the current call asks for. Raises BoardUnknown and ResumeTokenInvalid."""
        call = current()
        board = self._scoreboard.board_of(request)
        interval = request.min_interval.ToTimedelta().total_seconds()
        asked = Asked(
            window_of(request),
            board.seen(resume_token),
            request.user_id or None,
            request.whole_boards,
            interval if interval > self._min_interval else 0.0,
            form,
            counted_address(call),
        )
        return Watch(board, asked, self._times, self.places, _stalling(call))


@dataclass(frozen=True, slots=True)
class _Stall:
    """Ends a call because its client does not read. Each watch has one, so it is small."""

    call: Call
    task: asyncio.Task[object]

    def __call__(self) -> None:
        self.call.cut = WatchStalled(
            "a message of this watch was not read in time; watch again with the last resume_token"
        )
        self.task.cancel()


def _stalling(call: Call) -> _Stall:
    """What ends the current call."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - gRPC gives every call a task
    return _Stall(call, task)
