"""One line for every request. No header with a token is in it, nor a query, which has resume tokens."""

from scorewire_server.gateway.rate_limit import DETAILS
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
    # As it was sent, as a number. Envoy's own field would guess from the HTTP status where none was sent: for gRPC-web,
    # which has it in the body, and for REST.
    "grpc_status": "%RESP(GRPC-STATUS)%%TRAILER(GRPC-STATUS)%",
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


# Refusing is cheap, and a line for each would cost more than refusing does. The metrics count them all.
_SAMPLE_OF_REFUSED = {"numerator": 1, "denominator": "HUNDRED"}
_NOT_REFUSED = f"!response.code_details.contains('overflow') && response.code_details != '{DETAILS}'"


def access_log(listener: str) -> list[Json]:
    """The access log of a listener: every request, but of those refused in an overload or a flood one in a hundred."""
    log_format = {"json_format": {**_FIELDS, "listener": listener}, "omit_empty_values": True}
    log = extension("envoy.access_loggers.stdout", "access_loggers.stream.v3.StdoutAccessLog", log_format=log_format)
    others = extension(
        "envoy.access_loggers.extension_filters.cel",
        "access_loggers.filters.cel.v3.ExpressionFilter",
        expression=_NOT_REFUSED,
    )
    sample = {"runtime_key": "unused", "percent_sampled": _SAMPLE_OF_REFUSED, "use_independent_randomness": True}
    return [{**log, "filter": {"or_filter": {"filters": [{"extension_filter": others}, {"runtime_filter": sample}]}}}]
