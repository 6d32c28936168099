"""Server processes to measure: started, asked for their CPU time and memory, stopped."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import psutil

from scorewire_server.rpc.tls import TlsFiles
from tests.processes import free_ports

TRUST_DOMAIN = "scorewire.local"
READY_SECONDS = 60.0


class Measured:
    """A server process on a port."""

    def __init__(self, process: psutil.Process, port: int, certs: Path) -> None:
        self._process = process
        self.certs = certs
        self.port = port
        self.address = f"127.0.0.1:{port}"

    def cpu_seconds(self) -> float:
        """User and system time of the process so far, all threads."""
        # The process's CPU clock (clock_getcpuclockid): /proc counts in hundredths of a second, this in nanoseconds.
        return time.clock_gettime(~self._process.pid << 3 | 2)

    def memory_mib(self) -> float:
        """Resident memory."""
        return float(self._process.memory_info().rss) / 2**20

    def options(self) -> list[tuple[str, str | int]]:
        """Channel options: the name that its certificate has, and a connection of each channel's own."""
        return [("grpc.ssl_target_name_override", f"score.{TRUST_DOMAIN}"), ("grpc.use_local_subchannel_pool", 1)]

    def credentials(self) -> grpc.ChannelCredentials:
        """Credentials of the identity that may call everything."""
        return TlsFiles.of(self.certs, "ops").channel_credentials()

    def channel(self) -> grpc.aio.Channel:
        """A channel to it."""
        return grpc.aio.secure_channel(self.address, self.credentials(), options=self.options())


@contextmanager
def empty_server(certs: Path) -> Iterator[Measured]:
    """The yardstick as a process."""
    (port,) = free_ports(1)
    with _process([sys.executable, "-m", "bench.empty", str(port), str(certs)], port, certs, {}) as server:
        yield server


@contextmanager
def bare_server(certs: Path, rate: float, size: int) -> Iterator[Measured]:
    """The yardstick of watches as a process: `rate` messages a second of `size` bytes, on each stream."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "bench.bare", str(port), str(certs), str(rate), str(size)]
    with _process(command, port, certs, {}) as server:
        yield server


@contextmanager
def score_server(
    data: Path, settings: Mapping[str, str] | None = None, certs: Path | None = None
) -> Iterator[Measured]:
    """A score server over a data folder."""
    port, metrics = free_ports(2)
    environment = {
        "SCOREWIRE_DATA_DIR": str(data),
        "SCOREWIRE_SCORE__PORT": str(port),
        "SCOREWIRE_SCORE__METRICS_PORT": str(metrics),
    }
    command = [sys.executable, "-m", "scorewire_client.cli", "serve", "score"]
    with _process(command, port, certs or data / "certs", environment | dict(settings or {})) as server:
        yield server


@contextmanager
def _process(command: list[str], port: int, certs: Path, environment: Mapping[str, str]) -> Iterator[Measured]:
    # The log is written, as it would be, and read by nobody.
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL) as process:
        server = Measured(psutil.Process(process.pid), port, certs)
        try:
            yield server
        finally:
            process.terminate()
            process.wait(20)


def wait_connected(server: Measured) -> None:
    """Returns when the server takes connections. Raises grpc.FutureTimeoutError."""
    with grpc.secure_channel(server.address, server.credentials(), options=server.options()) as channel:
        grpc.channel_ready_future(channel).result(READY_SECONDS)


def wait_serving(server: Measured, since: float) -> float:
    """Waits for SERVING; answers the seconds since `since`, as of `time.monotonic`. Raises TimeoutError."""
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    options = [*server.options(), ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 50)]
    with grpc.secure_channel(server.address, server.credentials(), options=options) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # its types know no calls
        while time.monotonic() - since < READY_SECONDS:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=READY_SECONDS, wait_for_ready=True)
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                return time.monotonic() - since
            time.sleep(0.01)
    raise TimeoutError("the score server is not ready")
