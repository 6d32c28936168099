"""The servers behind the gateway, each a cluster with mutual TLS and health checks."""

import ipaddress
from dataclasses import dataclass

from scorewire_server.gateway.calls import calls
from scorewire_server.gateway.headers import dropped_for_servers
from scorewire_server.gateway.site import Site
from scorewire_server.gateway.tls import upstream_tls
from scorewire_server.gateway.typed import Json, extension, header, socket_address, typed

ACTION = "action"
SCORE = "score"
WATCH = "watch"
"""The score server too: watches have limits and a count of their own, which a drain looks at."""
INTERNAL = "score-internal"
"""The score server too, for callers of the internal listener."""
BATCH = "score-batch"
"""The same, for calls with many awards: one of them can be as much work as a thousand others."""
REFLECTION = "reflection"
"""The score server too, for those who ask what it serves: their streams may stay open, and take no room of calls."""
ADMIN = "admin"

_MOST_REFLECTIONS = 20

_STREAMS = 1000
"""The most calls over one connection to a server."""
_WINDOW = 65_536
"""The bytes of one call that may be on their way."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """One server: its address, the identity it must show, the one the gateway shows, and the most calls at once.

    Streams on top of those are refused here; unary calls do not get this far (`concurrency.py`).
    """

    name: str
    address: str
    expected: str
    identity: str
    most_calls: int


def clusters(site: Site) -> list[Json]:
    """Every cluster."""
    gateway = site.settings.gateway
    upstreams = [
        Upstream(ACTION, gateway.action_address, "action", "gateway", gateway.max_action_calls),
        Upstream(SCORE, gateway.score_address, "score", "gateway", gateway.max_score_calls),
        Upstream(WATCH, gateway.score_address, "score", "gateway", gateway.max_watches),
        Upstream(INTERNAL, gateway.score_address, "score", "gateway-internal", gateway.max_score_calls),
        Upstream(BATCH, gateway.score_address, "score", "gateway-internal", gateway.max_batch_calls),
    ]
    if site.settings.score.reflection:
        upstreams.append(Upstream(REFLECTION, gateway.score_address, "score", "gateway", _MOST_REFLECTIONS))
    admin = _cluster(ADMIN, "STATIC", {"pipe": {"path": str(site.admin_socket)}})
    return [*(_server(site, upstream) for upstream in upstreams), admin]


def _server(site: Site, upstream: Upstream) -> Json:
    host, _, port = upstream.address.rpartition(":")
    host = host.strip("[]")
    return {
        **_cluster(upstream.name, "STATIC" if _is_ip(host) else "STRICT_DNS", socket_address(host, int(port))),
        "dns_lookup_family": "ALL",
        "transport_socket": upstream_tls(site, upstream.identity, upstream.expected),
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": _http2()},
        "health_checks": [_health_check(site.settings.trust_domain)],
        # A server that is not well gets nothing, even where there is no other.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "circuit_breakers": {"thresholds": [_limits(upstream.most_calls)]},
    }


def _limits(calls: int) -> Json:
    return {"max_requests": calls, "max_pending_requests": calls, "max_connections": 1024, "max_retries": 20}


def _cluster(name: str, kind: str, address: Json) -> Json:
    endpoint = {"endpoint": {"address": address}}
    return {
        "name": name,
        "type": kind,
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _http2() -> Json:
    # Pings find a server that is gone without a word; the servers allow one each 10 s.
    keepalive = {"interval": "30s", "timeout": "10s"}
    # What slow clients have not read yet counts against the window of a connection, which others share: were it less
    # than the windows of all its streams, a few clients that read nothing would stop the boards of everybody.
    http2 = {
        "connection_keepalive": keepalive,
        "max_concurrent_streams": _STREAMS,
        "initial_stream_window_size": _WINDOW,
        "initial_connection_window_size": 2 * _STREAMS * _WINDOW,
    }
    codec = extension("envoy.filters.http.upstream_codec", "filters.http.upstream_codec.v3.UpstreamCodec")
    return typed(
        "upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config={"http2_protocol_options": http2},
        http_filters=[dropped_for_servers(), calls(), codec],
    )


def _health_check(trust_domain: str) -> Json:
    """Asks `grpc.health.v1`: often while the server is not well, so that it is found as soon as it is ready."""
    often, seldom = "0.1s", "2s"
    # The identity of the internal listener always says for whom it asks.
    asking = header("x-forwarded-client-cert", f"URI=spiffe://{trust_domain}/gateway")
    return {
        "timeout": "1s",
        "interval": seldom,
        "no_traffic_healthy_interval": seldom,
        "no_traffic_interval": often,
        "unhealthy_interval": often,
        "unhealthy_edge_interval": often,
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "grpc_health_check": {"initial_metadata": [asking]},
    }


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
