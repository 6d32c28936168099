"""The watch as server-sent events, in the words of `text/event-stream`, which the gateway passes on as they are."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import grpc
import orjson
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.json_format import MessageToDict

from scorewire.score.v1 import events_pb2_grpc
from scorewire.score.v1.score_pb2 import Standing, WatchLeaderboardRequest, WatchLeaderboardResponse
from scorewire_server.rpc.metadata import one_value
from scorewire_server.score.forms import Form
from scorewire_server.score.watching import Watching

CONTENT_TYPE = "text/event-stream"
_LAST_SEEN = "last-event-id"
_END = b"}\n\n"


class Events:
    """A message as an event: `id` is its resume token, `data` its JSON as REST has it. A heartbeat is a comment."""

    def encode(self, message: WatchLeaderboardResponse) -> bytes:
        """See Form."""
        event = b"id: %b\ndata: %b\n\n" % (message.resume_token.encode(), orjson.dumps(MessageToDict(message)))
        return _body(event)

    def with_own(self, encoded: bytes, standing: Standing) -> bytes:
        """See Form. The standing goes to the end of the JSON, which is the end of the event."""
        event = HttpBody.FromString(encoded).data
        return _body(b'%b,"standing":%b%b' % (event[: -len(_END)], orjson.dumps(MessageToDict(standing)), _END))

    def heartbeat(self, _: str) -> bytes:
        """See Form."""
        return _HEARTBEAT


def _body(data: bytes) -> bytes:
    encoded: bytes = HttpBody(content_type=CONTENT_TYPE, data=data).SerializeToString()
    return encoded


_HEARTBEAT = _body(b":\n\n")
EVENTS: Form = Events()


class ScoreEventService(events_pb2_grpc.ScoreEventServiceServicer):
    """The watch, for browsers."""

    def __init__(self, watching: Watching) -> None:
        self._watching = watching

    def WatchLeaderboardEvents(
        self, request: WatchLeaderboardRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[bytes]:
        """The newest state of a board, again and again; first, when to come again after the end."""
        # `EventSource` comes again to the address that it began with, whose token is older.
        token = one_value(context, _LAST_SEEN) or request.resume_token
        back = _body(b"retry: %d\n\n" % (self._watching.places.back_after() * 1000))
        return self._watching.watch(request, token, EVENTS).messages(partial(context.write, back))
