"""The whole configuration of Envoy."""

from scorewire_server.files import make_folder
from scorewire_server.gateway.listeners import listeners
from scorewire_server.gateway.overload import overload_manager
from scorewire_server.gateway.site import Site, write_json
from scorewire_server.gateway.tls import write_secrets
from scorewire_server.gateway.typed import Json
from scorewire_server.gateway.upstreams import clusters


def write_configuration(site: Site) -> None:
    """Writes Envoy's files into the folder of the site. Raises StartError where a certificate is missing."""
    make_folder(site.folder)
    write_secrets(site)
    write_json(site.config_file, configuration(site))


def configuration(site: Site) -> Json:
    """Envoy's `Bootstrap`."""
    return {
        "node": {"id": "gateway", "cluster": "scorewire"},
        "admin": {"address": {"pipe": {"path": str(site.admin_socket), "mode": 0o600}}},
        "static_resources": {"listeners": listeners(site), "clusters": clusters(site)},
        "overload_manager": overload_manager(site.settings.gateway),
    }
