"""A real score server in a thread of this process, for tests that call it and reach inside it."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self, TypeVar

import grpc

from scorewire.score.v1.admin_pb2_grpc import ScoreAdminServiceStub
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.clock import Clock, system_clock
from scorewire_server.rpc.server import RpcServer
from scorewire_server.rpc.tls import TlsFiles
from scorewire_server.score.main import score_server
from scorewire_server.settings import ScoreSettings, Settings
from tests.processes import TRUST_DOMAIN

T = TypeVar("T")
SECONDS = 60.0
"""No single thing that a test waits for takes longer."""

RULES = """
default_board = "main"

[boards.main]
[boards.dice]

[direct]
minimum = -1000000000
maximum = 1000000000
boards = ["main"]

[actions."dice.roll"]
points = { field = "rolled" }
minimum = 1
maximum = 6
boards = ["dice", "main"]

[actions."quiz.answer"]
points = 10
boards = ["main"]
"""


def settings_in(folder: Path, certs: Path, keys: Path, **score: object) -> Settings:
    """Settings of a score server on free ports, with its data in `folder` and `score` as its own settings."""
    rules = folder / "rules.toml"
    rules.write_text(RULES)
    own: dict[str, object] = {"port": 0, "metrics_port": 0, "rules_file": rules, "reflection": True}
    server = ScoreSettings.model_validate(own | score)
    return Settings(data_dir=folder, certs_dir=certs, keys_dir=keys, trust_domain=TRUST_DOMAIN, score=server)


class RunningServer:
    """Entered: a score server that is ready, on a loop in a thread of its own. Left: it has drained."""

    def __init__(self, settings: Settings, clock: Clock = system_clock) -> None:
        self.settings = settings
        self._clock = clock
        self._ready: Future[RpcServer] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._channels: list[grpc.Channel] = []

    def __enter__(self) -> Self:
        self.begin_to_start()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        for channel in self._channels:
            channel.close()
        self.begin_to_stop()
        self.wait_stopped()

    def begin_to_start(self) -> None:
        """Starts it without waiting; where it listens is known before only if its settings say so."""
        self._thread.start()
        self.port = self.settings.score.port

    def wait_ready(self) -> None:
        """Returns when it is ready. Raises what it could not start for."""
        self.port = self._ready.result(SECONDS).port

    def begin_to_stop(self) -> None:
        """Asks it to drain."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)

    def wait_stopped(self) -> None:
        """Returns when it has drained."""
        self._thread.join(SECONDS)
        assert not self._thread.is_alive(), "the server has not ended"

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with score_server(self.settings, self._clock) as server:
                self._ready.set_result(server)
                await self._stop.wait()
        except BaseException as failure:
            if self._ready.done():
                raise
            self._ready.set_exception(failure)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine on the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SECONDS)

    def channel(self, identity: str = "ops", options: Sequence[tuple[str, int]] = ()) -> grpc.Channel:
        """A channel to it, closed before the server stops."""
        files = TlsFiles.of(self.settings.certs, identity)
        opened = secure_channel(self.address, files, options)
        self._channels.append(opened)
        return opened

    def scores(self, identity: str = "ops", options: Sequence[tuple[str, int]] = ()) -> ScoreServiceStub:
        """The public service."""
        return ScoreServiceStub(self.channel(identity, options))

    def internal(self, identity: str = "ops") -> ScoreInternalServiceStub:
        """The internal service."""
        return ScoreInternalServiceStub(self.channel(identity))

    def admin(self, identity: str = "ops") -> ScoreAdminServiceStub:
        """The operator's service."""
        return ScoreAdminServiceStub(self.channel(identity))


def secure_channel(address: str, files: TlsFiles, options: Sequence[tuple[str, int]] = ()) -> grpc.Channel:
    """A blocking channel that tries once, so that a refusal is seen at once and as it was."""
    own = [("grpc.ssl_target_name_override", f"score.{TRUST_DOMAIN}"), ("grpc.enable_retries", 0)]
    return grpc.secure_channel(address, files.channel_credentials(), [*own, *options])
