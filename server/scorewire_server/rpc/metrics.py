"""Prometheus `/metrics` on a loopback port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import disable_created_metrics, start_http_server

from scorewire_server.errors import StartError
from scorewire_server.ports import another
from scorewire_server.settings import ServerSettings

disable_created_metrics()  # type: ignore[no-untyped-call] # a series more for each series, which nobody draws


@contextmanager
def metrics_endpoint(settings: ServerSettings) -> Iterator[int]:
    """Serves the metrics of this process while entered; answers the port. Raises StartError where it is taken."""
    try:
        server, thread = start_http_server(settings.metrics_port, settings.host)
    except OSError as taken:
        place = f"port {settings.metrics_port} of {settings.host}"
        problem = (taken.strerror or str(taken)).lower()
        raise StartError(f"{place}: {problem}; {another(settings.process, 'metrics_port')}") from taken
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
