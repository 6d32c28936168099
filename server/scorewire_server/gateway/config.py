"""The whole configuration of Envoy."""

from scorewire_server.files import make_folder
from scorewire_server.gateway.listeners import listeners
from scorewire_server.gateway.overload import overload_manager
from scorewire_server.gateway.secrets import LiveSecrets
from scorewire_server.gateway.site import Site, write_json
from scorewire_server.gateway.typed import Json
from scorewire_server.gateway.upstreams import clusters

# By itself Envoy takes all that a connection has sent before it looks at what servers have answered. In an overload it
# would refuse hundreds of calls in one go, with places free for them.
_RUNTIME = {"http.max_requests_per_io_cycle": 16}


def write_configuration(site: Site) -> LiveSecrets:
    """Writes Envoy's files into the folder of the site; answers its secrets, to be looked at again and again.

    Raises StartError where a certificate is missing.
    """
    make_folder(site.folder)
    secrets = LiveSecrets(site)
    secrets.write()
    write_json(site.config_file, configuration(site))
    return secrets


def configuration(site: Site) -> Json:
    """Envoy's `Bootstrap`."""
    return {
        "node": {"id": "gateway", "cluster": "scorewire"},
        "admin": {"address": {"pipe": {"path": str(site.admin_socket), "mode": 0o600}}},
        "static_resources": {"listeners": listeners(site), "clusters": clusters(site)},
        "layered_runtime": {"layers": [{"name": "scorewire", "static_layer": _RUNTIME}]},
        "overload_manager": overload_manager(site.settings.gateway),
    }
