"""Headers that callers may not send on.

All callers share the gateway's connections to the servers, and gRPC's core remembers for a whole connection that it
could not read a header: from then on each call with a header of that name is refused, whatever its value. So what the
core would read is dropped, or refused where it cannot be read.
"""

from scorewire_server.gateway.typed import Json, extension

# What gRPC's core reads of a request, and no caller has a reason to send.
_READ_BY_GRPC = (
    "grpc-accept-encoding",
    "grpc-internal-encoding-request",
    "grpc-message",
    "grpc-previous-rpc-attempts",
    "grpc-retry-pushback-ms",
    "grpc-status",
    "grpclb_client_stats",
)
# Names that HTTP has and gRPC has not, such as `don't`: its core ends the call.
_NO_NAME = {"safe_regex": {"regex": ".*[^a-z0-9_.:-].*"}}
GONE_AT_A_SERVER = "x-forwarded-proto"
"""Envoy writes it into each request, and the servers do not read it: where it is gone, a server has been called."""
_TIMEOUT = r"[0-9]{1,8}[HMSmun]"


def dropped_at_once() -> Json:
    """The extension that drops headers before anything else sees them.

    Envoy's own would make a call over gRPC look transcoded, and let a caller have one request sent again and again.
    """
    message = "http.early_header_mutation.header_mutation.v3.HeaderMutation"
    return extension(
        "envoy.http.early_header_mutation.header_mutation", message, mutations=_dropped({"prefix": "x-envoy-"})
    )


def dropped_for_servers() -> Json:
    """The filter that drops headers before a server, of a server's cluster."""
    named = [{"exact": name} for name in _READ_BY_GRPC]
    mutations = {
        "request_mutations": [{"remove": GONE_AT_A_SERVER}, *_dropped({"suffix": "-bin"}, *named, _NO_NAME)],
        # The core reads trailers as it reads headers, and calls have none.
        "request_trailers_mutations": _dropped({"safe_regex": {"regex": ".*"}}),
    }
    return extension("scorewire.headers", "filters.http.header_mutation.v3.HeaderMutation", mutations=mutations)


def _dropped(*matchers: Json) -> list[Json]:
    return [{"remove_on_match": {"key_matcher": each}} for each in matchers]


def refused_headers() -> list[Json]:
    """The routes of requests that are refused for a header; they come before all others."""
    return [
        _refused("grpc-timeout", {"safe_regex": {"regex": _TIMEOUT}}, 400, "grpc-timeout has no time of gRPC"),
        # A small message that is compressed may become one of any size.
        _refused("grpc-encoding", {"exact": "identity"}, 415),
        _refused("content-encoding", {"exact": "identity"}, 415),
    ]


def _refused(name: str, unless: Json, status: int, words: str = "") -> Json:
    header = {"name": name, "string_match": unless, "invert_match": True}
    body = {"body": {"inline_string": words}} if words else {}
    return {"match": {"prefix": "/", "headers": [header]}, "direct_response": {"status": status, **body}}
