"""What calls answer, as the messages of the API that it was read from: `--json` prints them as REST does."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from scorewire.action.v1.action_pb2 import DoActionResponse
from scorewire.score.v1 import score_pb2
from scorewire.session.v1.session_pb2 import SignInAsGuestResponse
from scorewire_client.results import ActionOutcome, Award, Board, Session, Standing


def of_session(session: Session) -> SignInAsGuestResponse:
    """What the sign-in answered."""
    return SignInAsGuestResponse(
        token=session.token,
        user_id=session.user_id,
        display_name=session.display_name,
        expire_time=_time(session.expire_time),
    )


def of_outcome(outcome: ActionOutcome) -> DoActionResponse:
    """What the action answered."""
    return DoActionResponse(
        message=outcome.message,
        token=outcome.token,
        score=outcome.score,
        result=outcome.result,
        score_pending=outcome.score_pending or None,
    )


def of_award(award: Award) -> score_pb2.UpdateScoreResponse:
    """What the redeemed ticket answered."""
    return score_pb2.UpdateScoreResponse(
        message=award.message,
        status=award.status,
        score_increase=award.score_increase,
        score=award.score,
        rank=award.rank,
        revision=award.revision,
    )


def of_standing(standing: Standing) -> score_pb2.GetStandingResponse:
    """One standing; which revision it is of, the client does not tell."""
    return score_pb2.GetStandingResponse(standing=_standing(standing))


def of_board(board: Board) -> score_pb2.WatchLeaderboardResponse:
    """A whole board of a watch. One that is read has the same fields, and nobody's own standing."""
    leaderboard = score_pb2.Leaderboard(
        board_id=board.board_id,
        revision=board.revision,
        total_users=board.total_users,
        standings=map(_standing, board.standings),
        update_time=_time(board.update_time) if board.update_time else None,
    )
    own = _standing(board.own) if board.own else None
    return score_pb2.WatchLeaderboardResponse(leaderboard=leaderboard, standing=own, resume_token=board.resume_token)


def _standing(standing: Standing) -> score_pb2.Standing:
    return score_pb2.Standing(
        rank=standing.rank,
        user_id=standing.user_id,
        display_name=standing.display_name,
        score=standing.score,
        rank_change=standing.rank_change or None,
        score_change=standing.score_change or None,
    )


def _time(time: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp
