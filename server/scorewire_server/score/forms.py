"""How messages of a watch look on their way: as gRPC has them."""

from typing import Protocol

from scorewire.score.v1.score_pb2 import Heartbeat, Standing, WatchLeaderboardResponse


class Form(Protocol):
    """Makes bytes of messages. There is one object of each form, by which its bytes are remembered."""

    def encode(self, message: WatchLeaderboardResponse) -> bytes:
        """The bytes of a board or an update."""
        ...

    def with_own(self, encoded: bytes, standing: Standing) -> bytes:
        """The same with a standing of the watch's own, made of the bytes that others share."""
        ...

    def heartbeat(self, resume_token: str) -> bytes:
        """A sign of life."""
        ...


class Protobuf:
    """The messages of WatchLeaderboard."""

    def encode(self, message: WatchLeaderboardResponse) -> bytes:
        """See Form."""
        return message.SerializeToString()

    def with_own(self, encoded: bytes, standing: Standing) -> bytes:
        """See Form. Encoded messages that follow each other are one message."""
        return encoded + WatchLeaderboardResponse(standing=standing).SerializeToString()

    def heartbeat(self, resume_token: str) -> bytes:
        """See Form."""
        return WatchLeaderboardResponse(heartbeat=Heartbeat(), resume_token=resume_token).SerializeToString()


PROTOBUF: Form = Protobuf()
