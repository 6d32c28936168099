"""Each way to ask for an award, once: what is told goes into the book, and what is refused is raised."""

import json
import random
from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Value

from scorewire.action.v1.action_pb2 import DoActionRequest, DoActionResponse
from scorewire.action.v1.action_pb2_grpc import ActionServiceStub
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoreResponse, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import UpdateScoreRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.crash.actions import BY_TICKET, INTERNAL
from tests.crash.book import Asked, Counted
from tests.crash.hearing import told_by
from tests.crash.world import DEADLINE_SECONDS
from tests.pair import bearing
from tests.refusals import told

_ACTION_TYPES = {"internal": INTERNAL, "ticket": BY_TICKET}
BLOCKED = "USER_BLOCKED"


class Blocked(Exception):
    """Users of some awards are blocked; those awards may be asked for again, when they are not."""


class Asker:
    """Asks through a connection to the gateway and another one to the score server. `sessions` are JWTs by user id."""

    def __init__(self, gateway: grpc.aio.Channel, score: grpc.aio.Channel, sessions: dict[str, str]) -> None:
        self._actions: Any = ActionServiceStub(gateway)
        self._scores: Any = ScoreServiceStub(gateway)
        self._internal: Any = ScoreInternalServiceStub(score)
        self.sessions = sessions

    async def ask(self, asked: Asked) -> None:
        """Asks for one award, by the way that it goes. Raises AioRpcError, Blocked."""
        try:
            if asked.way == "direct":
                _hear(asked, await self._internal.ApplyScore(_request(asked), timeout=DEADLINE_SECONDS))
            else:
                await self._act(asked)
        except grpc.aio.AioRpcError as error:
            reason = told_by(error).reason
            if reason == "ACTION_INTERRUPTED":
                asked.hear_interrupted()
            elif reason == BLOCKED and asked.way == "internal":
                asked.hear_rejected()
            elif reason == BLOCKED:
                raise Blocked from error
            else:
                raise

    async def ask_for_all(self, many: Sequence[Asked], choose: random.Random) -> None:
        """Asks for awards in one call, for some of them twice. Raises AioRpcError, Blocked."""
        repeated = [*many, *choose.sample(many, choose.randint(0, len(many) // 2))]
        choose.shuffle(repeated)
        request = ApplyScoresRequest(awards=map(_request, repeated))
        answer = await self._internal.ApplyScores(request, timeout=DEADLINE_SECONDS)
        for asked, result in zip(repeated, answer.results, strict=True):
            if result.HasField("applied"):
                _hear(asked, result.applied)
            else:
                assert told(result.refused).reason == BLOCKED, result
        if not all(result.HasField("applied") for result in answer.results):
            raise Blocked

    async def misuse(self, asked: Asked, times: int) -> None:
        """Presents a ticket of an action with other data than the action's, again and again. Raises AioRpcError."""
        answer = await self._do(asked)
        for number in range(times):
            better = UpdateScoreRequest(data=answer.result + " " * (number + 1))
            try:
                await self._scores.UpdateScore(better, metadata=bearing(answer.token), timeout=DEADLINE_SECONDS)
            except grpc.aio.AioRpcError as error:
                if told_by(error).reason != "TICKET_DATA_MISMATCH":
                    raise
            else:
                raise AssertionError(f"{asked} was redeemed with other data")

    async def _do(self, asked: Asked) -> DoActionResponse:
        request = DoActionRequest(
            action_type=_ACTION_TYPES[asked.way],
            request_id=asked.id,
            some=ParseDict({"id": asked.id, "points": asked.points}, Value()),
        )
        session = bearing(self.sessions[asked.user_id])
        answer: DoActionResponse = await self._actions.DoAction(request, metadata=session, timeout=DEADLINE_SECONDS)
        assert json.loads(answer.result)["result"] == {"points": asked.points}, answer
        asked.hear_result(answer.result)
        return answer

    async def _act(self, asked: Asked) -> None:
        answer = await self._do(asked)
        if asked.way == "ticket":
            await self._redeem(asked, answer.token)
        elif answer.HasField("score"):
            asked.hear_counted(Counted(asked.points, answer.score, None))
        else:
            assert answer.score_pending, answer
            asked.pending = True

    async def _redeem(self, asked: Asked, ticket: str) -> None:
        request = UpdateScoreRequest(data=asked.result)
        try:
            answer = await self._scores.UpdateScore(request, metadata=bearing(ticket), timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as error:
            refused = told_by(error)
            if refused.reason != "TICKET_ALREADY_REDEEMED":
                raise
            first = Counted(*[int(refused.metadata[name]) for name in ("scoreIncrease", "score", "revision")])
            (asked.hear_voided if "voided" in refused.metadata else asked.hear_counted)(first)
        else:
            asked.hear_counted(Counted(answer.score_increase, answer.score, answer.revision))


def _request(asked: Asked) -> ApplyScoreRequest:
    return ApplyScoreRequest(user_id=asked.user_id, points=asked.points, award_id=asked.id)


def _hear(asked: Asked, answer: ApplyScoreResponse) -> None:
    told = Counted(answer.score_increase, answer.score, answer.revision)
    (asked.hear_voided if answer.voided else asked.hear_counted)(told)
