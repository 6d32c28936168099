"""A call over gRPC that has trailers, which no client of gRPC sends."""

import socket

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import Event, ResponseReceived, StreamEnded, TrailersReceived

from tests.e2e.grpc_web import frame
from tests.e2e.raw_http import SECONDS

_AS_IT_IS = H2Configuration(header_encoding="latin-1", validate_outbound_headers=False)
_STREAM = 1


def call_with_trailer(port: int, path: str, name: str, value: str) -> str | None:
    """Sends an empty message and the trailer over a connection of its own; answers the status of gRPC."""
    sending = H2Connection(_AS_IT_IS)
    sending.initiate_connection()
    fields = {":method": "POST", ":scheme": "http", ":authority": "scorewire", ":path": path}
    sending.send_headers(_STREAM, [*fields.items(), ("te", "trailers"), ("content-type", "application/grpc")])
    sending.send_data(_STREAM, frame(b""))
    sending.send_headers(_STREAM, [(name, value)], end_stream=True)
    status = None
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall(sending.data_to_send())
        while piece := connection.recv(65_536):
            events = sending.receive_data(piece)
            status = next(filter(None, map(_status, events)), status)
            if any(isinstance(event, StreamEnded) for event in events):
                break
    return status


def _status(event: Event) -> str | None:
    if isinstance(event, ResponseReceived | TrailersReceived):
        return dict(event.headers or ()).get("grpc-status")
    return None
