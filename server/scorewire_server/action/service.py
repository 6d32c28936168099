"""ActionService: does actions for users."""

from typing import Any

import grpc

from scorewire.action.v1 import action_pb2, action_pb2_grpc
from scorewire_server.action.actions import Actions, Asked
from scorewire_server.action.telling import Teller
from scorewire_server.action.values import plain
from scorewire_server.rpc.address import client_address
from scorewire_server.rpc.call import current
from scorewire_server.rpc.metadata import bearer
from scorewire_server.rpc.upstream import MARGIN, outgoing_seconds
from scorewire_server.tokens.origin import Origin
from scorewire_server.tokens.sessions import SessionVerifier

Context = grpc.aio.ServicerContext[Any, Any]


class ActionService(action_pb2_grpc.ActionServiceServicer):
    """The service that users call; `longest` is how long a call may take, in seconds."""

    def __init__(self, sessions: SessionVerifier, actions: Actions, teller: Teller, longest: float) -> None:
        self._sessions = sessions
        self._actions = actions
        self._teller = teller
        self._longest = longest - MARGIN

    async def DoAction(self, request: action_pb2.DoActionRequest, context: Context) -> action_pb2.DoActionResponse:
        """Does one action for the user of the session in the call's metadata."""
        user = await self._sessions.verify(bearer(context))
        current().prove(user.id)
        action_type = request.action_type if request.HasField("action_type") else None
        request_id = request.request_id if request.HasField("request_id") else None
        origin = Origin(user.signed_in_at, client_address(current()))
        asked = Asked(user, action_type, plain(request.some), request_id, current().request_id, origin.address)
        entry = await self._actions.do(asked, outgoing_seconds(self._longest))
        return action_pb2.DoActionResponse(
            message="Successfully", result=entry.data, **self._teller.proof(entry, origin)._asdict()
        )
