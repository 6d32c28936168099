"""Real servers as processes: started on free ports, waited for by their health, stopped or killed."""

import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2

from scorewire_server.rpc.tls import TlsFiles
from tests.health import health_of

TRUST_DOMAIN = "scorewire.local"
START_SECONDS = 60.0
STOP_SECONDS = 30.0

# None of those that the system gives to connections, and to whoever asks for any port: tests that run beside this one
# would take one between its choice and its use. For the same reason each process begins elsewhere.
_CHOICE = range(10_000, 32_000)
_begin = random.randrange(len(_CHOICE))
_ports = itertools.cycle((*_CHOICE[_begin:], *_CHOICE[:_begin]))


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on."""
    return list(itertools.islice(filter(_is_free, _ports), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def run_cli(*arguments: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a command of the command line to its end."""
    command = [sys.executable, "-m", "scorewire_client.cli", *arguments]
    return subprocess.run(command, env=os.environ | env, capture_output=True, text=True, timeout=60, check=False)


class ServerProcess:
    """One `scorewire serve <name>`, on ports of its own, over the folders of `data_dir`."""

    def __init__(self, name: str, data_dir: Path, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.data_dir = data_dir
        self.port, self.metrics_port = free_ports(2)
        self.log_file = data_dir / f"{name}.log"
        prefix = f"SCOREWIRE_{name.upper()}__"
        self.env = {
            "SCOREWIRE_DATA_DIR": str(data_dir),
            f"{prefix}PORT": str(self.port),
            f"{prefix}METRICS_PORT": str(self.metrics_port),
            f"{prefix}REFLECTION": "true",
        } | dict(env or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> "ServerProcess":
        """Starts it without waiting."""
        with self.log_file.open("ab") as log:
            command = [sys.executable, "-m", "scorewire_client.cli", "serve", self.name]
            self._process = subprocess.Popen(command, env=os.environ | self.env, stdout=log, stderr=log)
        return self

    def wait_ready(self) -> "ServerProcess":
        """Returns when its health says SERVING; fails with its log when it ends before."""
        deadline = time.monotonic() + START_SECONDS
        with self.channel("ops") as channel:
            health = health_of(channel)
            while time.monotonic() < deadline:
                assert self._process is not None
                if self._process.poll() is not None:
                    break
                if self._is_serving(health):
                    return self
        raise AssertionError(f"{self.name} is not ready: {self.log()}")

    def _is_serving(self, health: Any) -> bool:
        try:
            answer = health.Check(health_pb2.HealthCheckRequest(), timeout=1, wait_for_ready=True)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    def channel(self, identity: str) -> grpc.Channel:
        """A blocking channel to it, as one of the identities."""
        options = [
            ("grpc.ssl_target_name_override", f"{self.name}.{TRUST_DOMAIN}"),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 200),
            ("grpc.enable_retries", 0),
        ]
        credentials = TlsFiles.of(self.data_dir / "certs", identity).channel_credentials()
        return grpc.secure_channel(self.address, credentials, options)

    def stop(self) -> int:
        """Asks it to end, and answers its exit code."""
        return self._end(signal.SIGTERM)

    def wait_ended(self) -> int:
        """Waits until it has ended by itself, and answers its exit code."""
        assert self._process is not None
        return self._process.wait(STOP_SECONDS)

    def kill(self) -> int:
        """Ends it at once."""
        return self._end(signal.SIGKILL)

    def _end(self, signum: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        if process.poll() is None:
            process.send_signal(signum)
        return process.wait(STOP_SECONDS)

    def log(self) -> str:
        """What it has logged."""
        return self.log_file.read_text(errors="replace")
