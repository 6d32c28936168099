"""SessionService: development sign-in, which exists only where it is switched on."""

from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from scorewire.session.v1 import session_pb2, session_pb2_grpc
from scorewire_server.rpc.call import current
from scorewire_server.tokens.sessions import GuestSigner

Context = grpc.aio.ServicerContext[Any, Any]


class SessionService(session_pb2_grpc.SessionServiceServicer):
    """The service that makes guests."""

    def __init__(self, signer: GuestSigner) -> None:
        self._signer = signer

    async def SignInAsGuest(
        self, request: session_pb2.SignInAsGuestRequest, _: Context
    ) -> session_pb2.SignInAsGuestResponse:
        """Makes a guest and signs it in."""
        guest = self._signer.sign_in(request.display_name)
        current().user_id = guest.user.id
        return session_pb2.SignInAsGuestResponse(
            token=guest.token,
            user_id=guest.user.id,
            display_name=guest.user.display_name,
            expire_time=Timestamp(seconds=guest.expires),
        )
