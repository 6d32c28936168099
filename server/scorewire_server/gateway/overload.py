"""What the gateway does before it has no memory or no files left: it takes no more, and what it has goes on."""

import resource

from scorewire_server.gateway.typed import Json, extension
from scorewire_server.settings import GatewaySettings

_MONITOR = "envoy.resource_monitors"
_HEAP = f"{_MONITOR}.fixed_heap"
_ACTION = "envoy.overload_actions"
# At which share of the memory, in the order in which they help.
_STEPS = {"shrink_heap": 0.9, "stop_accepting_requests": 0.95, "stop_accepting_connections": 0.98}
_OTHER_FILES = 1024
"""Files that are not connections of clients: those to the servers, listeners, certificates."""


def overload_manager(gateway: GatewaySettings) -> Json:
    """Envoy's `overload_manager`."""
    connections = extension(
        f"{_MONITOR}.global_downstream_max_connections",
        "resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=most_connections(gateway),
    )
    heap = extension(
        _HEAP, "resource_monitors.fixed_heap.v3.FixedHeapConfig", max_heap_size_bytes=gateway.max_heap_bytes
    )
    actions = [
        {"name": f"{_ACTION}.{name}", "triggers": [{"name": _HEAP, "threshold": {"value": share}}]}
        for name, share in _STEPS.items()
    ]
    return {"refresh_interval": "0.25s", "resource_monitors": [connections, heap], "actions": actions}


def most_connections(gateway: GatewaySettings) -> int:
    """How many clients may be connected: never so many that there are no files for anything else."""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return gateway.max_connections
    return min(gateway.max_connections, max(files - _OTHER_FILES, files // 2))
