"""Points that services give, beside those that visitors play for."""

from collections.abc import Iterable, Mapping

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from tests.stack import Stack


def award(stack: Stack, user_id: str, *points: int, name: str | None = None) -> None:
    """Gives points as a service does, at most 1000 at once; who has 900 is above those who only play."""
    with stack.score.channel("ops") as channel:
        for each in points:
            request = ApplyScoreRequest(user_id=user_id, points=each, display_name=name or user_id)
            ScoreInternalServiceStub(channel).ApplyScore(request, timeout=10)


def award_all(stack: Stack, batches: Iterable[Mapping[str, int]]) -> None:
    """Gives points to many at once, batch after batch; a user's name is the id."""
    with stack.score.channel("ops") as channel:
        service = ScoreInternalServiceStub(channel)
        for batch in batches:
            awards = [
                ApplyScoreRequest(user_id=user_id, points=points, display_name=user_id)
                for user_id, points in batch.items()
            ]
            service.ApplyScores(ApplyScoresRequest(awards=awards), timeout=30)
