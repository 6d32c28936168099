"""The three listeners: public, internal with client certificates, and metrics."""

from collections.abc import Sequence

from scorewire_server.gateway.access_log import access_log
from scorewire_server.gateway.body import MOST_BYTES
from scorewire_server.gateway.filters import internal_filters, metrics_filters, public_filters
from scorewire_server.gateway.headers import dropped_at_once
from scorewire_server.gateway.problems import local_replies
from scorewire_server.gateway.rate_limit import seconds_to_wait
from scorewire_server.gateway.routes import internal_routes, metrics_routes, public_routes
from scorewire_server.gateway.site import Site
from scorewire_server.gateway.tls import internal_tls, public_tls
from scorewire_server.gateway.typed import Json, extension, socket_address
from scorewire_server.settings import GatewaySettings

LOOPBACK = "127.0.0.1"
_HEADERS = 100
_HEADERS_KIB = 60
_HANDSHAKE = {"transport_socket_connect_timeout": "10s"}
_MANAGER = "filters.network.http_connection_manager.v3.HttpConnectionManager"


def listeners(site: Site) -> list[Json]:
    """Every listener."""
    gateway = site.settings.gateway
    return [
        _listener("public", gateway.host, gateway.port, _public_chains(site)),
        _listener("internal", gateway.host, gateway.internal_port, [_internal_chain(site)]),
        _listener("metrics", LOOPBACK, gateway.admin_port, [_metrics_chain(gateway)]),
    ]


def _listener(name: str, host: str, port: int, chains: Sequence[Json]) -> Json:
    return {
        "name": name,
        "address": socket_address(host, port),
        "filter_chains": list(chains),
        # With it a second gateway would share the port, rather than say that it is taken.
        "enable_reuse_port": False,
        "per_connection_buffer_limit_bytes": MOST_BYTES,
        "listener_filters": [
            extension("envoy.filters.listener.tls_inspector", "filters.listener.tls_inspector.v3.TlsInspector")
        ]
        if len(chains) > 1
        else [],
    }


def _public_chains(site: Site) -> list[Json]:
    """Plaintext, and beside it on the same port TLS where there is a certificate."""
    manager = _manager(
        site.settings.gateway,
        "public",
        public_routes(site.settings),
        public_filters(site.settings),
        access_log=access_log("public"),
    )
    plain = {"filters": [manager]}
    if not site.settings.gateway.tls_certificate:
        return [plain]
    encrypted = {"filters": [manager], "transport_socket": public_tls(site), **_HANDSHAKE}
    return [
        {"name": "tls", "filter_chain_match": {"transport_protocol": "tls"}, **encrypted},
        {"name": "plain", "filter_chain_match": {"transport_protocol": "raw_buffer"}, **plain},
    ]


def _internal_chain(site: Site) -> Json:
    manager = _manager(
        site.settings.gateway,
        "internal",
        internal_routes(),
        internal_filters(site.settings),
        access_log=access_log("internal"),
        # The score server learns who calls from this header, and no caller can set it.
        forward_client_cert_details="SANITIZE_SET",
        set_current_client_cert_details={"uri": True},
    )
    return {"filters": [manager], "transport_socket": internal_tls(site), **_HANDSHAKE}


def _metrics_chain(gateway: GatewaySettings) -> Json:
    return {"filters": [_manager(gateway, "metrics", metrics_routes(), metrics_filters())]}


def _manager(gateway: GatewaySettings, name: str, routes: Json, filters: Sequence[Json], **fields: object) -> Json:
    return extension(
        "envoy.filters.network.http_connection_manager",
        _MANAGER,
        stat_prefix=name,
        route_config={"name": name, **routes},
        http_filters=list(filters),
        local_reply_config=local_replies(seconds_to_wait(gateway)),
        server_name="scorewire",
        # One spelling of every path, before it is matched.
        normalize_path=True,
        merge_slashes=True,
        path_with_escaped_slashes_action="UNESCAPE_AND_FORWARD",
        # The peer is who is connected. Which addresses are internal is left to Envoy, for which none is: by an
        # `internal_address_config` without addresses all would be.
        use_remote_address=True,
        xff_num_trusted_hops=gateway.trusted_hops,
        early_header_mutation_extensions=[dropped_at_once()],
        preserve_external_request_id=True,
        always_set_request_id_in_response=True,
        request_timeout="30s",
        request_headers_timeout="10s",
        stream_idle_timeout="300s",
        max_request_headers_kb=_HEADERS_KIB,
        common_http_protocol_options={"idle_timeout": "900s", "max_headers_count": _HEADERS},
        http2_protocol_options={
            "max_concurrent_streams": 1024,
            "initial_stream_window_size": 65_536,
            "initial_connection_window_size": 1_048_576,
            # Who is gone without a word holds no place: pings find out.
            "connection_keepalive": {"interval": "60s", "timeout": "20s"},
        },
        **fields,
    )
