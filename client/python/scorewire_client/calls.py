"""Every call once, for both transports: what is asked, how the answer reads, whether it may be sent again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import uuid4

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Value

from scorewire.action.v1 import action_pb2
from scorewire.score.v1 import score_pb2
from scorewire.session.v1 import session_pb2
from scorewire_client.errors import ScorewireError
from scorewire_client.results import ActionOutcome, Award, Board, Page, Session, Standing

T = TypeVar("T")

WATCH = "/scorewire.score.v1.ScoreService/WatchLeaderboard"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A call to make.

    `repeatable` calls change nothing when they are sent again; those with a `request_id` are known to the server even
    where their time was over. `recover` finds the answer in the refusal of a call that was sent before, if it is there.
    """

    method: str
    request: Message
    response: type[Message]
    read: Callable[[Any], T]
    bearer: str | None = None
    repeatable: bool = True
    request_id: str | None = None
    recover: Callable[[ScorewireError], T | None] | None = None

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The call's metadata, with the JWT that it brings."""
        return (("authorization", f"Bearer {self.bearer}"),) if self.bearer else ()


def sign_in_as_guest(display_name: str) -> Call[Session]:
    """Makes a guest. Sent again it would make another, so it is not."""
    return Call(
        "/scorewire.session.v1.SessionService/SignInAsGuest",
        session_pb2.SignInAsGuestRequest(display_name=display_name),
        session_pb2.SignInAsGuestResponse,
        _session,
        repeatable=False,
    )


def act(some: Any, action_type: str | None, request_id: str | None, session: str | None) -> Call[ActionOutcome]:
    """Does an action, under a new request id where none is given. However often it is sent, it is done once.

    Raises ValueError for what is not JSON.
    """
    request_id = request_id or uuid4().hex
    return Call(
        "/scorewire.action.v1.ActionService/DoAction",
        action_pb2.DoActionRequest(some=_value(some), action_type=action_type, request_id=request_id),
        action_pb2.DoActionResponse,
        partial(_outcome, request_id),
        bearer=session,
        request_id=request_id,
    )


def redeem(ticket: str, data: str) -> Call[Award]:
    """Redeems a ticket. It counts once however often it is sent, so it may be sent again."""
    return Call(
        "/scorewire.score.v1.ScoreService/UpdateScore",
        score_pb2.UpdateScoreRequest(data=data),
        score_pb2.UpdateScoreResponse,
        _award,
        bearer=ticket,
        recover=_award_of_refusal,
    )


def top(board_id: str | None, limit: int | None) -> Call[Board]:
    """Reads the top of a board."""
    return Call(
        "/scorewire.score.v1.ScoreService/GetLeaderboard",
        score_pb2.GetLeaderboardRequest(board_id=board_id, limit=limit),
        score_pb2.GetLeaderboardResponse,
        board,
    )


def standing(user_id: str, board_id: str | None) -> Call[Standing]:
    """Reads one user's standing."""
    return Call(
        "/scorewire.score.v1.ScoreService/GetStanding",
        score_pb2.GetStandingRequest(user_id=user_id, board_id=board_id),
        score_pb2.GetStandingResponse,
        lambda response: _standing(response.standing),
    )


def page(board_id: str | None, page_size: int | None, page_token: str | None) -> Call[Page]:
    """Reads one page of a board."""
    return Call(
        "/scorewire.score.v1.ScoreService/ListStandings",
        score_pb2.ListStandingsRequest(board_id=board_id, page_size=page_size, page_token=page_token),
        score_pb2.ListStandingsResponse,
        _page,
    )


def board(response: score_pb2.GetLeaderboardResponse | score_pb2.WatchLeaderboardResponse) -> Board:
    """The board in an answer or in a message of a watch."""
    leaderboard = response.leaderboard
    return Board(
        leaderboard.board_id,
        leaderboard.revision,
        leaderboard.total_users,
        tuple(map(_standing, leaderboard.standings)),
        _own(response) if isinstance(response, score_pb2.WatchLeaderboardResponse) else None,
        response.resume_token,
    )


def _value(some: Any) -> Value:
    try:
        return json_format.ParseDict(some, Value())
    except json_format.ParseError as error:
        raise ValueError(f"`some` must be a JSON value: {error}") from error


def _session(response: session_pb2.SignInAsGuestResponse) -> Session:
    expires = response.expire_time.ToDatetime(UTC)
    return Session(response.token, response.user_id, response.display_name, expires)


def _outcome(request_id: str, response: action_pb2.DoActionResponse) -> ActionOutcome:
    token = response.token if response.HasField("token") else None
    score = response.score if response.HasField("score") else None
    return ActionOutcome(response.message, token, score, response.score_pending, response.result, request_id)


def _award(response: score_pb2.UpdateScoreResponse) -> Award:
    changed = response.score_increase, response.score, response.rank, response.revision
    return Award(response.message, response.status, *changed)


def _award_of_refusal(error: ScorewireError) -> Award | None:
    if error.reason != "TICKET_ALREADY_REDEEMED":
        return None
    increase, score, revision = (int(error.metadata[name]) for name in ("scoreIncrease", "score", "revision"))
    return Award("Score updated successfully.", "success", increase, score, None, revision)


def _own(message: score_pb2.WatchLeaderboardResponse) -> Standing | None:
    return _standing(message.standing) if message.HasField("standing") else None


def _standing(standing: score_pb2.Standing) -> Standing:
    name = standing.display_name if standing.HasField("display_name") else None
    return Standing(standing.rank, standing.user_id, name, standing.score)


def _page(response: score_pb2.ListStandingsResponse) -> Page:
    standings = tuple(map(_standing, response.standings))
    return Page(standings, response.next_page_token or None, response.total_users, response.revision)
