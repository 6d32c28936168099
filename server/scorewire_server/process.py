"""Runs one process from its settings until it is told to stop."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable

from scorewire_server.errors import ServerFailed, StartError
from scorewire_server.logs import configure_logs
from scorewire_server.settings import Settings

Run = Callable[[Settings, asyncio.Event], Awaitable[None]]


def run_until_signal(name: str, run: Run, settings: Settings) -> None:
    """Runs `run(settings, stop)` as the process `name`, and sets `stop` on SIGTERM and SIGINT.

    Raises SystemExit, with what to change, where the process cannot start.
    """
    configure_logs(settings.log, name)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_run(run, settings))
    except (StartError, OSError) as problem:
        raise SystemExit(f"scorewire: {name} cannot start: {problem}") from problem
    except ServerFailed as failed:
        raise SystemExit(f"scorewire: {name} has ended: {failed}") from failed


async def _run(run: Run, settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    await run(settings, stop)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
