"""ScoreService: redeems tickets, reads boards, streams them."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import grpc

from scorewire.score.v1 import score_pb2, score_pb2_grpc
from scorewire_server.errors import TicketMissing
from scorewire_server.rpc.address import client_address
from scorewire_server.rpc.call import current
from scorewire_server.rpc.metadata import bearer
from scorewire_server.score.forms import PROTOBUF
from scorewire_server.score.redeem import Redeemer
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.score.watching import Watching
from scorewire_server.score.windows import window_of

Context = grpc.aio.ServicerContext[Any, Any]
DEFAULT_PAGE_SIZE = 100


class ScoreService(score_pb2_grpc.ScoreServiceServicer):
    """The service that users call."""

    def __init__(self, redeemer: Redeemer, scoreboard: Scoreboard, watching: Watching) -> None:
        self._redeemer = redeemer
        self._scoreboard = scoreboard
        self._watching = watching

    async def UpdateScore(
        self, request: score_pb2.UpdateScoreRequest, context: Context
    ) -> score_pb2.UpdateScoreResponse:
        """Redeems the ticket in the call's metadata."""
        ticket = bearer(context)
        if ticket is None:
            raise TicketMissing("send `authorization: Bearer <ticket>`, once, with the token that DoAction answered")
        receipt = await self._redeemer.redeem(ticket, request.data, client_address(current()))
        return score_pb2.UpdateScoreResponse(
            message="Score updated successfully.",
            status="success",
            score_increase=receipt.award.points,
            score=receipt.award.score,
            rank=receipt.rank,
            revision=receipt.award.position,
        )

    async def GetLeaderboard(  # type: ignore[override] # the bytes of the answer, see rpc/decoding.py
        self, request: score_pb2.GetLeaderboardRequest, _: Context
    ) -> bytes:
        """A window of a board, as it was encoded for everybody."""
        return self._scoreboard.board_of(request).read(window_of(request))

    async def GetStanding(self, request: score_pb2.GetStandingRequest, _: Context) -> score_pb2.GetStandingResponse:
        """One user's standing."""
        board = self._scoreboard.board_of(request)
        return score_pb2.GetStandingResponse(standing=board.standing(request.user_id), revision=board.revision)

    async def ListStandings(
        self, request: score_pb2.ListStandingsRequest, _: Context
    ) -> score_pb2.ListStandingsResponse:
        """One page of a board."""
        board = self._scoreboard.board_of(request)
        size = request.page_size if request.HasField("page_size") else DEFAULT_PAGE_SIZE
        places = board.page(request.page_token, size + 1)
        more = len(places) > size
        return score_pb2.ListStandingsResponse(
            standings=map(board.as_standing, places[:size]),
            next_page_token=board.bookmarks.page(places[size - 1]) if more else "",
            total_users=len(board.ranking),
            revision=board.revision,
        )

    def WatchLeaderboard(  # type: ignore[override] # the bytes of the messages
        self, request: score_pb2.WatchLeaderboardRequest, context: Context
    ) -> AsyncIterator[bytes]:
        """The newest state of a board, again and again."""
        watch = self._watching.watch(request, request.resume_token, PROTOBUF)
        # Whoever resumes on a quiet board learns at once that the watch stands, not by the first heartbeat.
        return watch.messages(partial(context.send_initial_metadata, ()))
