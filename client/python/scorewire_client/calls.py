"""Every call once, for both transports: what is asked, how the answer reads, whether it may be sent again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import uuid4

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Value

from scorewire.action.v1 import action_pb2
from scorewire.score.v1 import internal_pb2, score_pb2
from scorewire.session.v1 import session_pb2
from scorewire_client.decoding import (
    award_of_refusal,
    read_applied,
    read_award,
    read_board,
    read_outcome,
    read_page,
    read_results,
    read_session,
    read_standing,
)
from scorewire_client.errors import ScorewireError
from scorewire_client.results import ActionOutcome, Award, Board, Page, Session, Standing

T = TypeVar("T")

WATCH = "/scorewire.score.v1.ScoreService/WatchLeaderboard"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A call to make.

    `repeatable` calls change nothing when they are sent again; one that `is_named` the server knows again even where
    its time was over. `recover` finds the answer in the refusal of a call that was sent before, if it is there. The
    `trace`, where there is one, goes into the servers' logs.
    """

    method: str
    request: Message
    response: type[Message]
    read: Callable[[Any], T]
    bearer: str | None = None
    repeatable: bool = True
    is_named: bool = False
    trace: str | None = None
    recover: Callable[[ScorewireError], T | None] | None = None

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The call's metadata, with the JWT that it brings."""
        bearer = (("authorization", f"Bearer {self.bearer}"),) if self.bearer else ()
        return (*bearer, ("x-request-id", self.trace)) if self.trace else bearer


def sign_in_as_guest(display_name: str) -> Call[Session]:
    """Makes a guest. Sent again it would make another, so it is not."""
    return Call(
        "/scorewire.session.v1.SessionService/SignInAsGuest",
        session_pb2.SignInAsGuestRequest(display_name=display_name),
        session_pb2.SignInAsGuestResponse,
        read_session,
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
        partial(read_outcome, request_id),
        bearer=session,
        is_named=True,
    )


def redeem(ticket: str, data: str) -> Call[Award]:
    """Redeems a ticket. It counts once however often it is sent, so it may be sent again."""
    return Call(
        "/scorewire.score.v1.ScoreService/UpdateScore",
        score_pb2.UpdateScoreRequest(data=data),
        score_pb2.UpdateScoreResponse,
        read_award,
        bearer=ticket,
        recover=award_of_refusal,
    )


def award(request: internal_pb2.ApplyScoreRequest, trace: str | None = None) -> Call[Award]:
    """Gives an award that has an id. It counts once however often it is sent."""
    method = "/scorewire.score.v1.ScoreInternalService/ApplyScore"
    return Call(method, request, internal_pb2.ApplyScoreResponse, read_applied, is_named=True, trace=trace)


def award_all(requests: Iterable[internal_pb2.ApplyScoreRequest]) -> Call[list[Award | ScorewireError]]:
    """Gives awards that have ids; each has its own outcome, in the same order."""
    request = internal_pb2.ApplyScoresRequest(awards=requests)
    method = "/scorewire.score.v1.ScoreInternalService/ApplyScores"
    read = partial(read_results, len(request.awards))
    return Call(method, request, internal_pb2.ApplyScoresResponse, read, is_named=True)


def top(board_id: str | None, limit: int | None) -> Call[Board]:
    """Reads the top of a board."""
    return _window(score_pb2.GetLeaderboardRequest(board_id=board_id, limit=limit))


def around(user_id: str, board_id: str | None, radius: int | None) -> Call[Board]:
    """Reads the standings around a user."""
    return _window(score_pb2.GetLeaderboardRequest(board_id=board_id, around_user_id=user_id, radius=radius))


def among(user_ids: Iterable[str], board_id: str | None) -> Call[Board]:
    """Reads the standings of some users. Raises ValueError for none, which would be the top."""
    request = score_pb2.GetLeaderboardRequest(board_id=board_id, user_ids=user_ids)
    if not request.user_ids:
        raise ValueError("among whom? Give at least one user id")
    return _window(request)


def _window(request: score_pb2.GetLeaderboardRequest) -> Call[Board]:
    method = "/scorewire.score.v1.ScoreService/GetLeaderboard"
    return Call(method, request, score_pb2.GetLeaderboardResponse, read_board)


def standing(user_id: str, board_id: str | None) -> Call[Standing]:
    """Reads one user's standing."""
    return Call(
        "/scorewire.score.v1.ScoreService/GetStanding",
        score_pb2.GetStandingRequest(user_id=user_id, board_id=board_id),
        score_pb2.GetStandingResponse,
        lambda response: read_standing(response.standing),
    )


def page(board_id: str | None, page_size: int | None, page_token: str | None) -> Call[Page]:
    """Reads one page of a board."""
    return Call(
        "/scorewire.score.v1.ScoreService/ListStandings",
        score_pb2.ListStandingsRequest(board_id=board_id, page_size=page_size, page_token=page_token),
        score_pb2.ListStandingsResponse,
        read_page,
    )


def _value(some: Any) -> Value:
    try:
        return json_format.ParseDict(some, Value())
    except json_format.ParseError as error:
        raise ValueError(f"`some` must be a JSON value: {error}") from error
