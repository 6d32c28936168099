"""Which pages of other hosts may call."""

from collections.abc import Sequence

from scorewire_server.gateway.typed import Json, typed

NAME = "envoy.filters.http.cors"
_MESSAGE = "filters.http.cors.v3"
_ASKED = [
    "authorization",
    "connect-protocol-version",
    "content-type",
    "grpc-timeout",
    "x-grpc-web",
    "x-request-id",
    "x-user-agent",
]
_SHOWN = [
    "grpc-message",
    "grpc-status",
    "grpc-status-details-bin",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
]


def cors_policy(origins: Sequence[str]) -> Json:
    """What a virtual host has whose answers those origins may read."""
    policy = {
        "allow_origin_string_match": [{"exact": origin} for origin in origins],
        "allow_methods": "GET, POST",
        "allow_headers": ", ".join(_ASKED),
        "expose_headers": ", ".join(_SHOWN),
        "max_age": "600",
    }
    return {NAME: typed(f"{_MESSAGE}.CorsPolicy", **policy)}
