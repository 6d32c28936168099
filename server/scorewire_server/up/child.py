"""One process of the three: started, listened to, stopped."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

LAST_LINES = 12
LOG_BYTES = 10 * 1024 * 1024
"""A log is kept to twice this: the file and the one before it."""


Tell = Callable[[str, str], None]
"""Takes the name of a process and a line of its log."""


class LogFile(RotatingFileHandler):
    """The log of a process; where it cannot be written, that is said once, and the process lives on."""

    def __init__(self, path: Path, complain: Callable[[str], None]) -> None:
        super().__init__(path, maxBytes=LOG_BYTES, backupCount=1)
        self._complain = complain
        self._complained = False

    def handleError(self, _: logging.LogRecord) -> None:
        """Of `logging`: told of what went wrong with a line."""
        if not self._complained:
            self._complained = True
            self._complain(f"lines of the log are lost: {sys.exception()}")

    def close(self) -> None:
        """Of `logging`: the last lines may be lost too."""
        with suppress(OSError):
            super().close()


class Child:
    """A running process; `last_lines` are the newest of its log, which is wholly in the file `log`."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path, tell: Tell) -> None:
        self.name = name
        self.log = log
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._process = process
        self._listening = asyncio.create_task(self._listen(tell))

    async def ended(self) -> str:
        """Waits until the process has ended by itself; answers how."""
        status = await self._process.wait()
        await self._heard_out()
        return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with exit status {status}"

    async def stop(self, grace: float) -> None:
        """Tells the process to drain, and kills it where that takes longer than `grace` seconds."""
        if self._process.returncode is None:
            self._process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace)
        # Whatever it started belongs to its group, and shall not outlive it.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._heard_out()
        self._listening.cancel()

    async def _heard_out(self) -> None:
        await asyncio.wait([self._listening], timeout=1.0)

    async def _listen(self, tell: Tell) -> None:
        assert self._process.stdout  # noqa: S101 - it was started with a pipe

        def complain(problem: str) -> None:
            tell(self.name, json.dumps({"level": "warning", "event": problem}))

        with closing(LogFile(self.log, complain)) as file:
            async for line in _lines(self._process.stdout):
                file.emit(logging.makeLogRecord({"msg": line}))
                self.last_lines.append(line)
                tell(self.name, line)


@asynccontextmanager
async def running(
    name: str, environment: Mapping[str, str], log: Path, grace: float, tell: Tell
) -> AsyncIterator[Child]:
    """Runs `scorewire serve <name>`; at the end it has `grace` seconds to drain.

    It is told to stop when our end of its standard input closes, so it does not outlive us however we end. And it has a
    session of its own, so that Ctrl-C reaches it through us alone.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scorewire_client.cli", "serve", name, "--until-stdin-closes"),
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    child = Child(name, process, log, tell)
    try:
        yield child
    finally:
        await child.stop(grace)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """The stream's lines, however long; the reader's own `readline` gives up at 64 KiB."""
    rest = b""
    while chunk := await stream.read(65536):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace")
    if rest:
        yield rest.decode(errors="replace")
