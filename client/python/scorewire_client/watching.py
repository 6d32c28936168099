"""The life of one watch: what is watched, where it stands, what of its messages is news, and when it is begun again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypedDict

import grpc
from google.protobuf.duration_pb2 import Duration
from grpc import StatusCode
from tenacity import RetryCallState, Retrying

from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest, WatchLeaderboardResponse
from scorewire_client.attempts import ATTEMPTS, Pause, may_pass
from scorewire_client.boards import Boards, Misfit
from scorewire_client.calls import WATCH
from scorewire_client.errors import ScorewireError
from scorewire_client.results import Board

SILENCE_SECONDS = 20.0
"""Servers send a heartbeat every 10 seconds; a stream that misses two is dead."""
FIRST_PAUSE_SECONDS = 1.0
"""Within which a watch that was cut off is begun again, at random: a thousand of them shall not come back at once."""
LONGEST_PAUSE_SECONDS = 10.0

# A proxy or a network that cuts a stream leaves one of these, without a reason of Scorewire.
_CUT = {StatusCode.CANCELLED, StatusCode.INTERNAL, StatusCode.UNKNOWN, StatusCode.DEADLINE_EXCEEDED}


@dataclass(frozen=True, slots=True)
class WatchState:
    """How a watch stands.

    - `connecting`: its first stream is not open yet.
    - `live`: a stream is open, and the newest board is the newest there is.
    - `reconnecting`: the stream has just ended, and a new one is tried within about a second.
    - `stale`: that was tried in vain, or the server fell silent; the watch goes on trying.

    `since` (UTC) is when a live stream opened; else when the server was last heard: from then on the newest board may
    be out of date. It is `None` while nothing was heard at all. `error` is why the last stream ended, where one did.
    """

    name: Literal["connecting", "live", "reconnecting", "stale"]
    since: datetime | None = None
    error: ScorewireError | None = None


class Watched(TypedDict, total=False):
    """What to watch, and how: arguments of `watch`. Without a window it is the top 10; at most one may be given."""

    limit: int | None
    """A window: so many of the top, 1-100."""
    around_user_id: str | None
    """A window: the standings around this user, with its own; empty while that user has none."""
    radius: int | None
    """How many standings above `around_user_id`, and how many below, 1-50; 4 unless given."""
    user_ids: Iterable[str]
    """A window: the standings of these users, 200 at most, each once, of those who have one."""
    user_id: str | None
    """Adds this user's own standing to every board, whether or not it is in the window."""
    min_interval: float | None
    """How many seconds shall be between two boards at least, up to 60."""
    whole_boards: bool
    """Whether the server shall send whole boards only. Boards are whole for you in any case."""
    resume_token: str | None
    """`Board.resume_token` of the last board seen: nothing comes until there is a newer one."""
    silence: float
    """After so many seconds without even a heartbeat a stream is taken for dead; 20 unless given."""
    on_state: Callable[[WatchState], object]
    """Called with each new state, by whoever waits for the next board."""


def request_of(board_id: str | None, watched: Watched) -> WatchLeaderboardRequest:
    """The request that asks for it."""
    return WatchLeaderboardRequest(
        board_id=board_id,
        limit=watched.get("limit"),
        around_user_id=watched.get("around_user_id"),
        radius=watched.get("radius"),
        user_ids=watched.get("user_ids", ()),
        user_id=watched.get("user_id"),
        min_interval=_duration(watched.get("min_interval")),
        whole_boards=watched.get("whole_boards", False),
        resume_token=watched.get("resume_token"),
    )


def _duration(seconds: float | None) -> Duration | None:
    if seconds is None:
        return None
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    return duration


class Watching:
    """A watch across its streams. `request` begins the next one where the last one ended."""

    def __init__(self, board_id: str | None, watched: Watched) -> None:
        self.request = request_of(board_id, watched)
        self.silence = watched.get("silence", SILENCE_SECONDS)
        self.state = WatchState("connecting")
        self._on_state = watched.get("on_state")
        self._boards = Boards()
        self._pause = Pause(first=FIRST_PAUSE_SECONDS, longest=LONGEST_PAUSE_SECONDS)
        self._heard: datetime | None = None
        self._failures = 0

    def open(self, channel: grpc.Channel | grpc.aio.Channel) -> Any:
        """The next stream, begun where the last one ended."""
        method: Any = channel.unary_stream(
            WATCH,
            request_serializer=WatchLeaderboardRequest.SerializeToString,
            response_deserializer=WatchLeaderboardResponse.FromString,
        )
        return method(self.request)

    def opened(self) -> None:
        """A stream is open: the server has answered that it will tell what is new."""
        self._heard = datetime.now(UTC)
        self._enter(WatchState("live", self._heard))

    def take(self, message: WatchLeaderboardResponse) -> Board | None:
        """The news in a message; `None` where there is none.

        Raises ScorewireError for an update that does not fit; the next stream begins with a whole board.
        """
        self._heard, self._failures = datetime.now(UTC), 0
        try:
            board = self._boards.take(message)
        except Misfit as misfit:
            # Whoever sends such updates is at fault, and is asked for none from now on.
            self.request.ClearField("resume_token")
            self.request.whole_boards = True
            raise ScorewireError(StatusCode.INTERNAL, f"the watch starts over: {misfit}") from misfit
        self.request.resume_token = message.resume_token
        return board

    def pause(self, error: ScorewireError) -> float:
        """Seconds to wait after a stream that ended with `error`.

        Raises the error where a new stream would end the same way, or where none has ever worked.
        """
        self._failures += 1
        if not self._worth_repeating(error):
            raise error
        if self._heard:
            is_blip = self.state.name == "live" and not isinstance(error, Silence)
            self._enter(WatchState("reconnecting" if is_blip else "stale", self._heard, error))
        state = RetryCallState(Retrying(), None, (), {})
        state.attempt_number = self._failures
        state.set_exception((type(error), error, None))
        return self._pause(state)

    def _worth_repeating(self, error: ScorewireError) -> bool:
        if not self._heard and self._failures >= ATTEMPTS:
            return False
        return may_pass(error) or (error.reason is None and error.code in _CUT)

    def _enter(self, state: WatchState) -> None:
        self.state = state
        if self._on_state:
            self._on_state(state)


class Silence(ScorewireError):
    """A stream without even a heartbeat."""

    def __init__(self, seconds: float) -> None:
        super().__init__(StatusCode.UNAVAILABLE, f"nothing was heard from the server for {seconds:g} s")


def ended() -> ScorewireError:
    """A stream that ended as if all were said."""
    return ScorewireError(StatusCode.UNAVAILABLE, "the server ended the watch")
