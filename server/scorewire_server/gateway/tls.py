"""TLS of the gateway: who it is to the servers, whom it takes for a server, and whom it lets in.

Each certificate is a secret with a file of its own, which `secrets.py` writes and Envoy reads again.
"""

from scorewire_server.gateway.site import Site
from scorewire_server.gateway.typed import Json, extension

_TLS = "transport_sockets.tls.v3"
_ONLY_1_3 = {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"}
_AT_LEAST_1_2 = {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"}
SECRET = f"type.googleapis.com/envoy.extensions.{_TLS}.Secret"
TRUSTED = "trusted"
PUBLIC = "public"


def upstream_tls(site: Site, identity: str, expected: str) -> Json:
    """Connects as `identity`, and only to the server whose certificate says that it is `expected`."""
    domain = site.settings.trust_domain
    san = {"san_type": "URI", "matcher": {"exact": f"spiffe://{domain}/{expected}"}}
    context = _own_certificate(site, identity) | _ca(site, match_typed_subject_alt_names=[san])
    return _socket("UpstreamTlsContext", context, ["h2"], _ONLY_1_3, sni=f"{expected}.{domain}")


def internal_tls(site: Site) -> Json:
    """Lets in whoever has a certificate of the CA; which identities may call is decided by request."""
    context = _own_certificate(site, "gateway") | _ca(site)
    return _socket("DownstreamTlsContext", context, ["h2", "http/1.1"], _ONLY_1_3, require_client_certificate=True)


def public_tls(site: Site) -> Json:
    """Shows the certificate of the settings, and asks for none."""
    return _socket("DownstreamTlsContext", _own_certificate(site, PUBLIC), ["h2", "http/1.1"], _AT_LEAST_1_2)


def _own_certificate(site: Site, name: str) -> Json:
    return {"tls_certificate_sds_secret_configs": [_secret(site, name)]}


def _ca(site: Site, **rules: object) -> Json:
    secret = _secret(site, TRUSTED)
    return {
        "combined_validation_context": {
            "default_validation_context": rules,
            "validation_context_sds_secret_config": secret,
        }
    }


def _secret(site: Site, name: str) -> Json:
    source = {"path_config_source": {"path": str(site.secret_file(name))}, "resource_api_version": "V3"}
    return {"name": name, "sds_config": source}


def _socket(context: str, common: Json, protocols: list[str], versions: Json, **fields: object) -> Json:
    common_context = {"alpn_protocols": protocols, "tls_params": versions, **common}
    return extension("envoy.transport_sockets.tls", f"{_TLS}.{context}", common_tls_context=common_context, **fields)
