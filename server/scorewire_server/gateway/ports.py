"""Ports that are taken are found before Envoy starts, and named with the setting that chooses another."""

from scorewire_server.errors import StartError
from scorewire_server.gateway.listeners import LOOPBACK
from scorewire_server.ports import another, why_not_free
from scorewire_server.settings import GatewaySettings


def check_ports(gateway: GatewaySettings) -> None:
    """Raises StartError where a port cannot be listened on."""
    for name in ("port", "internal_port", "admin_port"):
        host = LOOPBACK if name == "admin_port" else gateway.host
        port = getattr(gateway, name)
        if problem := why_not_free(host, port):
            raise StartError(f"port {port} of {host}: {problem}; {another('gateway', name)}")
