"""What answers awards for a scripted server."""

import threading

from scorewire.score.v1.internal_pb2 import (
    ApplyScoreResponse,
    ApplyScoreResult,
    ApplyScoresRequest,
    ApplyScoresResponse,
)
from scorewire_server import errors
from scorewire_server.rpc.status import status_of
from tests.unit.client.conftest import Peer, Step

APPLY = "/scorewire.score.v1.ScoreInternalService/ApplyScores"


def answered(request: bytes, refused: dict[str, errors.Refusal]) -> ApplyScoresResponse:
    """An answer to every award: its points as the score, or the refusal of its user."""
    awards = ApplyScoresRequest.FromString(request).awards
    return ApplyScoresResponse(
        results=[
            ApplyScoreResult(refused=status_of(refused[award.user_id]))
            if award.user_id in refused
            else ApplyScoreResult(applied=ApplyScoreResponse(score=award.points, award_id=award.award_id))
            for award in awards
        ]
    )


class Bank:
    """Answers every call, after those `failures`; while `shut`, calls wait."""

    def __init__(self, peer: Peer) -> None:
        self.failures: list[Step] = []
        self.refused: dict[str, errors.Refusal] = {}
        self.open = threading.Event()
        self.open.set()
        self._peer = peer
        peer.answers[APPLY] = self._answer

    def _answer(self, request: bytes) -> list[Step]:
        self.open.wait(30)
        return [self.failures.pop(0)] if self.failures else [answered(request, self.refused)]

    @property
    def calls(self) -> list[list[str]]:
        """The users of each call's awards."""
        sent = [ApplyScoresRequest.FromString(request) for request, _ in self._peer.received]
        return [[award.user_id for award in request.awards] for request in sent]

    @property
    def requests(self) -> list[ApplyScoresRequest]:
        return [ApplyScoresRequest.FromString(request) for request, _ in self._peer.received]
