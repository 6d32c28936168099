"""KeyService: the public keys of tickets, for whoever checks them."""

from typing import Any

import grpc

from scorewire.action.v1 import keys_pb2, keys_pb2_grpc
from scorewire_server.tokens.signing_file import SigningFile

Context = grpc.aio.ServicerContext[Any, Any]


class KeyService(keys_pb2_grpc.KeyServiceServicer):
    """The service that publishes keys. Its messages have no field for a private part."""

    def __init__(self, keys: SigningFile) -> None:
        self._keys = keys

    async def GetPublicKeys(self, _: keys_pb2.GetPublicKeysRequest, __: Context) -> keys_pb2.GetPublicKeysResponse:
        """The keys that have not ended, those that do not sign yet included."""
        return keys_pb2.GetPublicKeysResponse(keys=[keys_pb2.PublicKey(**jwk) for jwk in self._keys.published()])
