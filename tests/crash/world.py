"""All of Scorewire as real processes on a small disk, with a proxy wherever a connection may be cut."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import grpc
import psutil

from scorewire_server.rpc.tls import TlsFiles
from tests import copies
from tests.crash import actions, databases
from tests.crash.databases import SOCKET, Kind, Postgres
from tests.crash.disk import Disk
from tests.crash.proxy import Proxies
from tests.processes import TRUST_DOMAIN, ServerProcess
from tests.stack import Stack

SERVERS = ("score", "action", "gateway")
POSTGRES = "PostgreSQL"
DEADLINE_SECONDS = 2.0
"""No call takes longer: neither of a client nor between servers."""
_MIB = {"sqlite": 192, "postgresql": 512}
_QUICK = {
    "SCOREWIRE_ACTION__DEFAULT_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "SCOREWIRE_SCORE__DEFAULT_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    "SCOREWIRE_ACTION__SCORE_TIMEOUT_SECONDS": "1",
    "SCOREWIRE_SCORE__HEARTBEAT_SECONDS": "1",
    # Callers ask again and again, a few users all of them: no limit is to stand in their way.
    "SCOREWIRE_ACTION__LIMITS": '{"scorewire.action.v1.ActionService/DoAction":"none"}',
    "SCOREWIRE_SCORE__LIMITS": '{"scorewire.score.v1.ScoreService/UpdateScore":"none"}',
    "SCOREWIRE_GATEWAY__ADDRESS_REQUESTS": "100000/10 seconds",
    "SCOREWIRE_ACTION__DELIVERY_LONGEST_PAUSE_SECONDS": "1",
}
# Callers redeem the same tickets again and again on purpose, through one address, and cheaters are many for so few.
_DETECTING = {
    "quarantine_at": 200,
    "block_at": 1e6,
    "half_life_seconds": 30,
    "common_share": 1,
    "unsuspicious_per_second": 1e6,
}


class World:
    """Three servers, their databases, and the proxies between them. `urls` are those of the databases themselves."""

    def __init__(self, folder: Path, disk: Disk, postgres: Postgres | None, proxies: Proxies, detecting: bool) -> None:
        self.disk = disk
        self.postgres = postgres
        self.detecting = detecting
        self.proxies = proxies
        self.urls = postgres.create() if postgres else databases.sqlite(disk.folder)
        self.runs_file = folder / "runs.txt"
        self._copy = folder / "copy"
        self.environment = self._environment(folder)
        self.stack = Stack(disk.folder, **self.environment)
        proxies.front.target, proxies.between.target = self.stack.gateway.port, self.stack.score.port

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path, kind: Kind, *, detecting: bool) -> AsyncIterator["World"]:
        """Ready while entered, in an empty folder; nothing is left of its processes and mounts.

        Where it is `detecting`, whoever plays foul is quarantined.
        """
        with ExitStack() as exits:
            disk = exits.enter_context(Disk.mounted(folder / "disk", _MIB[kind]))
            postgres = exits.enter_context(Postgres.running(disk.folder / "pg")) if kind == "postgresql" else None
            async with Proxies.listening(folder / SOCKET) as proxies:
                world = cls(folder, disk, postgres, proxies, detecting)
                try:
                    await world.start(SERVERS)
                    yield world
                finally:
                    await world.kill(SERVERS)

    def _environment(self, folder: Path) -> dict[str, str]:
        rules, urls = folder / "rules.toml", self.urls
        rules.write_text(actions.RULES)
        if self.postgres:
            self.proxies.behind.target = self.postgres.socket
            urls = urls.through(folder)
        return {
            **_QUICK,
            **urls.environment(folder),
            actions.RUNS_FILE: str(self.runs_file),
            "SCOREWIRE_DATA_DIR": str(self.disk.folder),
            "SCOREWIRE_SCORE__DETECTION": json.dumps({"enabled": self.detecting} | _DETECTING),
            "SCOREWIRE_ACTION__SCORE_ADDRESS": self.proxies.between.address,
            "SCOREWIRE_ACTION__HANDLERS": json.dumps([actions.__name__]),
            "SCOREWIRE_ACTION__DELIVERY": json.dumps(actions.DELIVERY),
            "SCOREWIRE_SCORE__RULES_FILE": str(rules),
        }

    def server(self, name: str) -> ServerProcess:
        """The process of that name."""
        server: ServerProcess = getattr(self.stack, name)
        return server

    async def start(self, names: Iterable[str]) -> None:
        """Starts servers, and returns when they are ready."""
        servers = [self.server(name).start() for name in names]
        await asyncio.gather(*[asyncio.to_thread(server.wait_ready) for server in servers])

    async def kill(self, names: Iterable[str]) -> None:
        """Ends servers at once."""
        for name in names:
            await asyncio.to_thread(self.server(name).kill)

    async def stop(self, name: str) -> None:
        """Asks a server to end, and waits until it has, well."""
        code = await asyncio.to_thread(self.server(name).stop)
        assert code == 0, f"{name} has ended with {code}: {self.server(name).log()[-2000:]}"

    def copy_ledger(self) -> None:
        """Copies the ledger, as it is at a moment; servers may run meanwhile."""
        self._copy.unlink(missing_ok=True)
        if self.postgres:
            self.postgres.dump(self.urls.ledger, self._copy)
        else:
            copies.copy_ledger(self.disk.folder, self._copy)

    def set_back(self) -> None:
        """Puts the copy in the ledger's place; the score server must not run."""
        if self.postgres:
            self.postgres.restore(self.urls.ledger, self._copy)
        else:
            copies.set_back(self.disk.folder, self._copy)

    def freeze(self, name: str) -> None:
        """Stops a server or PostgreSQL where it stands, as a machine does that is out of breath."""
        for process in self._family(name):
            process.send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Lets it go on."""
        for process in self._family(name):
            process.send_signal(signal.SIGCONT)

    def _family(self, name: str) -> list[psutil.Process]:
        pid = self.postgres.pid if self.postgres and name == POSTGRES else self.server(name).pid
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]

    def to_gateway(self) -> grpc.aio.Channel:
        """A channel and a connection of its own, through the proxy."""
        return grpc.aio.insecure_channel(self.proxies.front.address, options=_OPTIONS)

    def to_score(self) -> grpc.aio.Channel:
        """A channel and a connection of its own to the score server, as a service that may give points."""
        name = ("grpc.ssl_target_name_override", f"score.{TRUST_DOMAIN}")
        credentials = TlsFiles.of(self.disk.folder / "certs", "ops").channel_credentials()
        return grpc.aio.secure_channel(self.stack.score.address, credentials, options=[*_OPTIONS, name])

    def forget_logs(self) -> None:
        """Empties the logs, which are on the small disk too."""
        for name in SERVERS:
            os.truncate(self.server(name).log_file, 0)


_OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),  # what is sent again is sent again by us
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
]
