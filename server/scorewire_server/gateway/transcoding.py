"""REST: JSON to gRPC and back, by the HTTP annotations of the protos."""

from collections.abc import Sequence

from scorewire_server.gateway.body import MOST_BYTES
from scorewire_server.gateway.contract import descriptor_file
from scorewire_server.gateway.typed import DISABLED, Json, extension, typed

NAME = "envoy.filters.http.grpc_json_transcoder"
_MESSAGE = "filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder"
_MOST_ANSWER_BYTES = 4 * 1024 * 1024


def transcoder(services: Sequence[str]) -> Json:
    """The filter; streams are sent as one JSON object a line."""
    return extension(NAME, _MESSAGE, **_options(services, stream_newline_delimited=True))


def of_service(service: str) -> Json:
    """What a route has that leads to a service which is not among the filter's, because a path of it is theirs too."""
    return {NAME: typed(_MESSAGE, **_options([service]))}


def untranscoded() -> Json:
    """What a route has whose requests are not REST, however they look."""
    return {NAME: DISABLED}


def _options(services: Sequence[str], **print_options: bool) -> Json:
    return {
        "proto_descriptor": str(descriptor_file()),
        "services": list(services),
        "print_options": print_options,
        "convert_grpc_status": True,
        "url_unescape_spec": "ALL_CHARACTERS_EXCEPT_SLASH",
        "max_request_body_size": MOST_BYTES,
        "max_response_body_size": _MOST_ANSWER_BYTES,
        "request_validation_options": {
            "reject_unknown_query_parameters": True,
            "reject_binding_body_field_collisions": True,
        },
    }
