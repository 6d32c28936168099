"""A journal on SQLite with what writes to it, and a score server that answers by script."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
import sqlalchemy as sa
from grpc_status import rpc_status

from scorewire.score.v1 import internal_pb2, internal_pb2_grpc
from scorewire_server.action.courier import Courier
from scorewire_server.action.flights import Flights
from scorewire_server.action.holds import Holds
from scorewire_server.action.recorder import Recorder
from scorewire_server.action.score_client import ScoreClient
from scorewire_server.errors import Refusal
from scorewire_server.rpc.status import status_of
from scorewire_server.storage.database import Database
from scorewire_server.storage.group_commit import Bounds
from scorewire_server.storage.journal.journal import JOURNAL, Journal
from tests.clocks import SetClock

BOUNDS = Bounds(queue=1000, batch=500, patience=0.01)

Failure = Refusal | grpc.StatusCode


@dataclass
class ScriptedScores(internal_pb2_grpc.ScoreInternalServiceServicer):
    """Counts what it is sent, unless it is told to fail: at the next calls, or at awards with certain points."""

    next_calls: list[Failure | None] = field(default_factory=list)
    failing_points: dict[int, Failure] = field(default_factory=dict)
    refused_points: dict[int, Refusal] = field(default_factory=dict)
    calls: list[list[int]] = field(default_factory=list)
    """The points of the awards of each call."""
    taken: list[str] = field(default_factory=list)
    """The award ids, in the order in which they counted."""

    async def ApplyScore(self, request, context):
        (result,) = await self._apply([request], context)
        if result.HasField("refused"):
            await context.abort_with_status(rpc_status.to_status(result.refused))
        return result.applied

    async def ApplyScores(self, request, context):
        return internal_pb2.ApplyScoresResponse(results=await self._apply(request.awards, context))

    async def _apply(self, awards, context):
        self.calls.append([award.points for award in awards])
        await fail(self.next_calls.pop(0) if self.next_calls else None, context)
        for award in awards:
            await fail(self.failing_points.get(award.points), context)
        return [self._result(award) for award in awards]

    def _result(self, award):
        if refusal := self.refused_points.get(award.points):
            return internal_pb2.ApplyScoreResult(refused=status_of(refusal))
        if award.award_id not in self.taken:
            self.taken.append(award.award_id)
        applied = internal_pb2.ApplyScoreResponse(score=100 + award.points, award_id=award.award_id)
        return internal_pb2.ApplyScoreResult(applied=applied)


async def fail(failure: Failure | None, context: grpc.aio.ServicerContext) -> None:
    if isinstance(failure, Refusal):
        await context.abort_with_status(rpc_status.to_status(status_of(failure)))
    elif failure:
        await context.abort(failure, "by script")


@pytest.fixture
def scripted() -> ScriptedScores:
    return ScriptedScores()


@pytest.fixture
async def scores(scripted: ScriptedScores) -> AsyncIterator[ScoreClient]:
    server = grpc.aio.server()
    internal_pb2_grpc.add_ScoreInternalServiceServicer_to_server(scripted, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", [("grpc.enable_retries", 0)]) as channel:
        yield ScoreClient(lambda: channel, timeout=30)
    await server.stop(None)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    database = Database(sa.URL.create("sqlite", database=str(tmp_path / "action.db")), JOURNAL)
    database.migrate()
    yield Journal(database)
    database.close()


@pytest.fixture
async def recorder(journal: Journal) -> AsyncIterator[Recorder]:
    async with Recorder(journal, BOUNDS).running() as running:
        yield running


@pytest.fixture
def holds(clock: SetClock) -> Holds:
    return Holds(clock)


@pytest.fixture
async def courier(scores: ScoreClient, holds: Holds) -> AsyncIterator[Courier]:
    async with Courier(scores, BOUNDS, holds).running() as running:
        yield running


@pytest.fixture
def flights() -> Flights:
    return Flights(most=1000)
