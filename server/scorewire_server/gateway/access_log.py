"""One line for every request. No header with a token is in it, nor a query, which has resume tokens."""

from scorewire_server.gateway.headers import GONE_AT_A_SERVER
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
_NOT_REFUSED = (
    {"grpc_status_filter": {"statuses": ["RESOURCE_EXHAUSTED"], "exclude": True}},
    {"status_code_filter": {"comparison": {"op": "NE", "value": {"default_value": 429, "runtime_key": "unused"}}}},
)
# What a server was asked and has refused, such as an award in its cooldown, has cost more than its line.
_OF_A_SERVER = {"header_filter": {"header": {"name": GONE_AT_A_SERVER, "present_match": True, "invert_match": True}}}


def access_log(listener: str) -> list[Json]:
    """The access log of a listener: every request, but one in a hundred of those that Envoy refuses as too many."""
    log_format = {"json_format": {**_FIELDS, "listener": listener}, "omit_empty_values": True}
    log = extension("envoy.access_loggers.stdout", "access_loggers.stream.v3.StdoutAccessLog", log_format=log_format)
    others = {"and_filter": {"filters": list(_NOT_REFUSED)}}
    sample = {"runtime_key": "unused", "percent_sampled": _SAMPLE_OF_REFUSED, "use_independent_randomness": True}
    return [{**log, "filter": {"or_filter": {"filters": [others, _OF_A_SERVER, {"runtime_filter": sample}]}}}]
