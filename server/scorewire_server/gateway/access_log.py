"""One line for every request. No header with a token is in it, nor a query, which has resume tokens."""

from scorewire_server.gateway.typed import Json, extension

REQUEST = "request"
"""The event of each line."""

_FIELDS = {
    "event": REQUEST,
    "level": "info",
    "started": "%START_TIME%",
    "method": "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD)%",
    "path": "%PATH(NQ:ORIG_OR_PATH)%",
    "protocol": "%PROTOCOL%",
    "status": "%RESPONSE_CODE%",
    "grpc_status": "%GRPC_STATUS(SNAKE_STRING)%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "bytes_in": "%BYTES_RECEIVED%",
    "bytes_out": "%BYTES_SENT%",
    "ms": "%DURATION%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "upstream": "%UPSTREAM_CLUSTER%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "caller": "%DOWNSTREAM_PEER_URI_SAN%",
    "request_id": "%REQ(X-REQUEST-ID)%",
}


def access_log(listener: str) -> list[Json]:
    """The access log of a listener."""
    log_format = {"json_format": {**_FIELDS, "listener": listener}, "omit_empty_values": True}
    return [extension("envoy.access_loggers.stdout", "access_loggers.stream.v3.StdoutAccessLog", log_format=log_format)]
