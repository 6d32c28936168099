"""From the API's messages to the values that calls answer."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from scorewire.action.v1 import action_pb2
from scorewire.score.v1 import internal_pb2, score_pb2
from scorewire.session.v1 import session_pb2
from scorewire_client.errors import ScorewireError, error_in
from scorewire_client.results import ActionOutcome, Award, Board, Page, Session, Standing


def read_session(response: session_pb2.SignInAsGuestResponse) -> Session:
    """The session of a new guest."""
    expires = response.expire_time.ToDatetime(UTC)
    return Session(response.token, response.user_id, response.display_name, expires)


def read_outcome(request_id: str, response: action_pb2.DoActionResponse) -> ActionOutcome:
    """What the action of that request id led to."""
    token = response.token if response.HasField("token") else None
    score = response.score if response.HasField("score") else None
    return ActionOutcome(response.message, token, score, response.score_pending, response.result, request_id)


def read_award(response: score_pb2.UpdateScoreResponse) -> Award:
    """What a ticket changed."""
    changed = response.score_increase, response.score, response.rank, response.revision
    return Award(response.message, response.status, *changed)


def award_of_refusal(error: ScorewireError) -> Award | None:
    """What a ticket changed that had counted before, as its refusal tells; `None` for other refusals."""
    if error.reason != "TICKET_ALREADY_REDEEMED":
        return None
    increase, score, revision = (int(error.metadata[name]) for name in ("scoreIncrease", "score", "revision"))
    return Award("Score updated successfully.", "success", increase, score, None, revision)


def read_applied(response: internal_pb2.ApplyScoreResponse) -> Award:
    """What an award of a service changed."""
    changed = response.score_increase, response.score, response.rank, response.revision
    return Award(response.message, response.status, *changed, response.award_id)


def read_results(count: int, response: internal_pb2.ApplyScoresResponse) -> list[Award | ScorewireError]:
    """What each of so many awards changed, or why it was refused. Raises ScorewireError for more or fewer results."""
    if len(response.results) != count:
        problem = f"the server answered {len(response.results)} results for {count} awards"
        raise ScorewireError(StatusCode.INTERNAL, problem)
    return [
        read_applied(result.applied) if result.HasField("applied") else error_in(result.refused)
        for result in response.results
    ]


def read_standing(standing: score_pb2.Standing) -> Standing:
    """A standing by itself, with no movement."""
    name = standing.display_name if standing.HasField("display_name") else None
    return Standing(standing.rank, standing.user_id, name, standing.score)


def read_board(response: score_pb2.GetLeaderboardResponse) -> Board:
    """A window that was read once."""
    leaderboard = response.leaderboard
    return Board(
        leaderboard.board_id,
        leaderboard.revision,
        leaderboard.total_users,
        tuple(map(read_standing, leaderboard.standings)),
        None,
        response.resume_token,
        read_time(leaderboard),
    )


def read_time(holder: score_pb2.Leaderboard | score_pb2.LeaderboardUpdate) -> datetime | None:
    """When a board became what it is."""
    time: Timestamp = holder.update_time
    return time.ToDatetime(UTC) if holder.HasField("update_time") else None


def read_page(response: score_pb2.ListStandingsResponse) -> Page:
    """One page of a board."""
    standings = tuple(map(read_standing, response.standings))
    return Page(standings, response.next_page_token or None, response.total_users, response.revision)
