"""ScoreAdminService: what the operator does with a running server."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import grpc

from scorewire.score.v1 import admin_pb2, admin_pb2_grpc, decisions_pb2, history_pb2
from scorewire_server.rpc.address import client_address
from scorewire_server.rpc.call import current
from scorewire_server.score import admin_messages as messages
from scorewire_server.score.correcting import Adjustment, Corrector, Why
from scorewire_server.score.decider import Decider
from scorewire_server.score.looking import Lookout
from scorewire_server.score.rebuild import Rebuilder
from scorewire_server.storage.records import Decision

Context = grpc.aio.ServicerContext[Any, Any]
DEFAULT_PAGE_SIZE = 50
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Office:
    """Who does what the operator asks for."""

    rebuilder: Rebuilder
    decider: Decider
    corrector: Corrector
    lookout: Lookout


class _Asked(Protocol):
    reason: str
    operator: str


class _AskedOfUser(_Asked, Protocol):
    user_id: str


class ScoreAdminService(admin_pb2_grpc.ScoreAdminServiceServicer):
    """The service that the operator calls."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def RebuildStandings(
        self, _: admin_pb2.RebuildStandingsRequest, __: Context
    ) -> AsyncIterator[admin_pb2.RebuildStandingsResponse]:
        """Makes everything again, and says how far it has come."""
        async with aclosing(self._office.rebuilder.rebuild()) as events:
            async for event in events:
                yield messages.rebuilding(event)

    async def ListAuditEvents(
        self, request: history_pb2.ListAuditEventsRequest, _: Context
    ) -> history_pb2.ListAuditEventsResponse:
        """One page of the audit."""
        page = await self._office.lookout.events(messages.wanted(request), _size(request), request.page_token)
        return history_pb2.ListAuditEventsResponse(
            events=[messages.event(noted.event) for noted in page.events], next_page_token=page.next_token
        )

    async def GetUserHistory(
        self, request: history_pb2.GetUserHistoryRequest, _: Context
    ) -> history_pb2.GetUserHistoryResponse:
        """One page of what the ledger has about a user."""
        page = await self._office.lookout.entries(request.user_id, _size(request), request.page_token)
        return history_pb2.GetUserHistoryResponse(
            restriction=messages.restriction(page.restriction),
            entries=map(messages.entry, page.entries),
            next_page_token=page.next_token,
        )

    async def QuarantineUser(
        self, request: decisions_pb2.QuarantineUserRequest, _: Context
    ) -> decisions_pb2.QuarantineUserResponse:
        """Takes a user out of the rankings."""
        return await self._decided("quarantine", request, decisions_pb2.QuarantineUserResponse)

    async def ReleaseUser(
        self, request: decisions_pb2.ReleaseUserRequest, _: Context
    ) -> decisions_pb2.ReleaseUserResponse:
        """Ends a quarantine."""
        return await self._decided("release", request, decisions_pb2.ReleaseUserResponse)

    async def BlockUser(self, request: decisions_pb2.BlockUserRequest, _: Context) -> decisions_pb2.BlockUserResponse:
        """Takes a user out of the rankings, and refuses its awards."""
        return await self._decided("block", request, decisions_pb2.BlockUserResponse)

    async def UnblockUser(
        self, request: decisions_pb2.UnblockUserRequest, _: Context
    ) -> decisions_pb2.UnblockUserResponse:
        """Ends a block."""
        return await self._decided("unblock", request, decisions_pb2.UnblockUserResponse)

    async def VoidAward(self, request: decisions_pb2.VoidAwardRequest, _: Context) -> decisions_pb2.VoidAwardResponse:
        """Takes the points of an award back."""
        receipt = await self._office.corrector.void(request.award_id, _why(request))
        return decisions_pb2.VoidAwardResponse(correction=messages.correction(receipt))

    async def AdjustScore(
        self, request: decisions_pb2.AdjustScoreRequest, _: Context
    ) -> decisions_pb2.AdjustScoreResponse:
        """Gives or takes points."""
        given = (request.board_id or None, request.action_type or None, request.award_id or None)
        adjustment = Adjustment(request.user_id, request.points, *given)
        receipt = await self._office.corrector.adjust(adjustment, _why(request))
        return messages.adjusted(receipt)

    async def _decided(self, decision: Decision, request: _AskedOfUser, answer: Callable[..., _Answer]) -> _Answer:
        why = _why(request)
        decide = self._office.decider.decide
        restriction, changed = await decide(decision, request.user_id, why.reason, why.actor, address=why.address)
        return answer(restriction=messages.restriction(restriction), changed=changed)


def _why(request: _Asked) -> Why:
    call = current()
    caller = call.caller or ""
    actor = f"{caller}/{request.operator}" if request.operator else caller
    return Why(request.reason, actor, client_address(call))


def _size(request: history_pb2.ListAuditEventsRequest | history_pb2.GetUserHistoryRequest) -> int:
    return request.page_size if request.HasField("page_size") else DEFAULT_PAGE_SIZE
