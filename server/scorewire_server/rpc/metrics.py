"""Prometheus `/metrics` on a loopback port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import disable_created_metrics, start_http_server

disable_created_metrics()  # a series more for each series, which nobody draws


@contextmanager
def metrics_endpoint(host: str, port: int) -> Iterator[int]:
    """Serves the metrics of this process while entered; answers the port. Raises OSError where it is taken."""
    server, thread = start_http_server(port, host)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
