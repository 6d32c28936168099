"""What a request goes through on its way, in this order.

Envoy makes what a route wants for each request, also for those that are refused: so routes of gRPC want little, and
what a call needs before a server is a filter of the server's cluster (`upstreams.py`).
"""

from scorewire_server.gateway.body import buffer
from scorewire_server.gateway.concurrency import concurrency_limit
from scorewire_server.gateway.cors import NAME as CORS
from scorewire_server.gateway.fields import known_fields
from scorewire_server.gateway.rate_limit import rate_limit
from scorewire_server.gateway.routes import INTERNAL_SERVICE, public_services
from scorewire_server.gateway.transcoding import transcoder
from scorewire_server.gateway.typed import Json, extension
from scorewire_server.gateway.upstreams import ACTION, BATCH, INTERNAL, SCORE
from scorewire_server.settings import Settings

_FILTER = "envoy.filters.http"


def public_filters(settings: Settings) -> list[Json]:
    """Of the public listener."""
    return [
        extension(CORS, "filters.http.cors.v3.Cors"),
        _compressor(),
        extension(f"{_FILTER}.grpc_web", "filters.http.grpc_web.v3.GrpcWeb"),
        buffer(),
        # Whoever is refused before all has been sent takes that for a broken connection.
        rate_limit(settings.gateway),
        concurrency_limit(ACTION, settings.gateway.max_action_calls),
        concurrency_limit(SCORE, settings.gateway.max_score_calls),
        known_fields(),
        transcoder(public_services(settings)),
        _router(),
    ]


def internal_filters(settings: Settings) -> list[Json]:
    """Of the internal listener."""
    return [
        # A caller that is refused before it has sent all takes that for a broken connection.
        buffer(),
        _callers(settings),
        concurrency_limit(INTERNAL, settings.gateway.max_score_calls),
        concurrency_limit(BATCH, settings.gateway.max_batch_calls),
        known_fields(),
        transcoder([INTERNAL_SERVICE]),
        _router(),
    ]


def metrics_filters() -> list[Json]:
    """Of the metrics listener."""
    return [_router()]


def _compressor() -> Json:
    """Compresses the files of the page alone: a stream that waits to be compressed is none."""
    kinds = [{"prefix": kind} for kind in ("text/html", "text/css", "text/javascript", "image/svg")]
    library = extension("gzip", "compression.gzip.compressor.v3.Gzip")
    common = {"min_content_length": 1024, "content_type_matcher": kinds}
    return extension(
        f"{_FILTER}.compressor",
        "filters.http.compressor.v3.Compressor",
        response_direction_config={"common_config": common},
        compressor_library=library,
    )


def _callers(settings: Settings) -> Json:
    """Lets the identities of `internal_callers` pass, and users' own; without any of them, nobody."""
    callers = [*settings.gateway.internal_callers, *settings.identities]
    uris = [f"spiffe://{settings.trust_domain}/{identity}" for identity in callers]
    principals = [{"authenticated": {"principal_name": {"exact": uri}}} for uri in uris]
    policies = {"callers": {"permissions": [{"any": True}], "principals": principals}} if principals else {}
    return extension(f"{_FILTER}.rbac", "filters.http.rbac.v3.RBAC", rules={"action": "ALLOW", "policies": policies})


def _router() -> Json:
    return extension(f"{_FILTER}.router", "filters.http.router.v3.Router", suppress_envoy_headers=True)
