"""ScoreAdminService: what the operator does with a running server."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from scorewire.score.v1 import admin_pb2, admin_pb2_grpc
from scorewire_server.audit.checks import Step
from scorewire_server.audit.rebuild import Rebuilt
from scorewire_server.score.rebuild import Rebuilder

Context = grpc.aio.ServicerContext[Any, Any]


class ScoreAdminService(admin_pb2_grpc.ScoreAdminServiceServicer):
    """The service that the operator calls."""

    def __init__(self, rebuilder: Rebuilder) -> None:
        self._rebuilder = rebuilder

    async def RebuildStandings(
        self, _: admin_pb2.RebuildStandingsRequest, __: Context
    ) -> AsyncIterator[admin_pb2.RebuildStandingsResponse]:
        """Makes everything again, and says how far it has come."""
        async with aclosing(self._rebuilder.rebuild()) as events:
            async for event in events:
                yield _response(event)


def _response(event: Step | Rebuilt) -> admin_pb2.RebuildStandingsResponse:
    if isinstance(event, Step):
        progress = admin_pb2.RebuildProgress(rows=event.rows, done=event.done, total=event.total)
        return admin_pb2.RebuildStandingsResponse(progress=progress)
    result = admin_pb2.RebuildResult(
        position=event.position,
        standings_mended=event.standings_mended,
        boards_mended=event.boards_mended,
        restrictions_mended=event.restrictions_mended,
    )
    return admin_pb2.RebuildStandingsResponse(result=result)
