"""From an address to what a gRPC channel needs."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import grpc

from scorewire_client.tls import Tls

_DEFAULT_PORTS = {"http": 8080, "https": 443}

OPTIONS = [
    # A server that is restarted is found again soon.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # In spite of its name it is how long connecting may take: far away, or on a busy machine, that is not soon.
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect: `host:port`, and with which credentials; `None` for plaintext HTTP/2."""

    target: str
    credentials: grpc.ChannelCredentials | None

    @classmethod
    def of(cls, address: str, tls: Tls | None) -> "Endpoint":
        """Reads `host:port`, `http://host:port` or `https://host:port`. Raises ValueError for anything else."""
        url = urlsplit(address if "://" in address else f"http://{address}")
        if url.scheme not in _DEFAULT_PORTS or not url.hostname or url.path.strip("/") or url.query:
            raise ValueError(f"{address!r} is no address: give host:port, http://host:port or https://host:port")
        if tls and url.scheme != "https":
            raise ValueError(f"{address!r} is plaintext, so its certificates would not be used: give https://host:port")
        host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
        target = f"{host}:{url.port or _DEFAULT_PORTS[url.scheme]}"
        return cls(target, (tls or Tls()).credentials() if url.scheme == "https" else None)
