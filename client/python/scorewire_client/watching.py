"""The life of one watch: where it stands, what of its messages is news, and when it is begun again."""

from grpc import StatusCode
from tenacity import RetryCallState, Retrying

from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest, WatchLeaderboardResponse
from scorewire_client.attempts import ATTEMPTS, Pause, may_pass
from scorewire_client.calls import board
from scorewire_client.errors import ScorewireError
from scorewire_client.results import Board

SILENCE_SECONDS = 30.0
"""Servers send a heartbeat every 10 seconds; a stream that misses three is dead."""

# A proxy or a network that cuts a stream leaves one of these, without a reason of Scorewire.
_CUT = {StatusCode.CANCELLED, StatusCode.INTERNAL, StatusCode.UNKNOWN, StatusCode.DEADLINE_EXCEEDED}


class Watching:
    """A watch across its streams. `request` begins the next one where the last one ended."""

    def __init__(self, request: WatchLeaderboardRequest) -> None:
        self.request = request
        self._pause = Pause(longest=30.0)
        self._heard = False
        self._failures = 0

    def take(self, message: WatchLeaderboardResponse) -> Board | None:
        """The news in a message; `None` for a heartbeat."""
        self._heard, self._failures = True, 0
        self.request.resume_token = message.resume_token
        return board(message) if message.HasField("leaderboard") else None

    def pause(self, error: ScorewireError) -> float:
        """Seconds to wait after a stream that ended with `error`.

        Raises the error where a new stream would end the same way, or where none has ever worked.
        """
        self._failures += 1
        if not self._worth_repeating(error):
            raise error
        state = RetryCallState(Retrying(), None, (), {})
        state.attempt_number = self._failures
        state.set_exception((type(error), error, None))
        return self._pause(state)

    def _worth_repeating(self, error: ScorewireError) -> bool:
        if not self._heard and self._failures >= ATTEMPTS:
            return False
        return may_pass(error) or (error.reason is None and error.code in _CUT)


def ended() -> ScorewireError:
    """A stream that ended as if all were said."""
    return ScorewireError(StatusCode.UNAVAILABLE, "the server ended the watch")


def silent(seconds: float) -> ScorewireError:
    """A stream without even a heartbeat."""
    return ScorewireError(StatusCode.UNAVAILABLE, f"nothing was heard from the server for {seconds:g} s")
