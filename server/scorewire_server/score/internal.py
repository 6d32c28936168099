"""ScoreInternalService: takes awards from services."""

from typing import Any

import grpc

from scorewire.score.v1 import internal_pb2, internal_pb2_grpc
from scorewire_server.errors import Refusal
from scorewire_server.rpc.call import current
from scorewire_server.rpc.status import status_of
from scorewire_server.score.apply import Applier
from scorewire_server.score.awards import Receipt
from scorewire_server.turns import Turns

Context = grpc.aio.ServicerContext[Any, Any]


class ScoreInternalService(internal_pb2_grpc.ScoreInternalServiceServicer):
    """The service that services call."""

    def __init__(self, applier: Applier, turns: Turns) -> None:
        self._applier = applier
        self._turns = turns

    async def ApplyScore(self, request: internal_pb2.ApplyScoreRequest, _: Context) -> internal_pb2.ApplyScoreResponse:
        """Gives one award."""
        call = current()
        call.user_id = request.user_id
        return _response(await self._applier.apply(request, call.caller))

    async def ApplyScores(
        self, request: internal_pb2.ApplyScoresRequest, _: Context
    ) -> internal_pb2.ApplyScoresResponse:
        """Gives many awards, each with its own result."""
        outcomes = await self._applier.apply_all(request.awards, current().caller)
        return internal_pb2.ApplyScoresResponse(results=await self._turns.each(_result, outcomes))


def _result(outcome: Receipt | Refusal) -> internal_pb2.ApplyScoreResult:
    if isinstance(outcome, Refusal):
        return internal_pb2.ApplyScoreResult(refused=status_of(outcome))
    return internal_pb2.ApplyScoreResult(applied=_response(outcome))


def _response(receipt: Receipt) -> internal_pb2.ApplyScoreResponse:
    award, void = receipt.award, receipt.void
    now = void or award
    return internal_pb2.ApplyScoreResponse(
        message="Score updated successfully.",
        status="success",
        score_increase=0 if void else award.points,
        score=now.score,
        rank=receipt.rank,
        revision=now.position,
        award_id=award.award_id,
        voided=True if void else None,
    )
