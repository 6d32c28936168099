"""How a process learns that the one that started it is gone, even killed."""

import asyncio
import os
import sys

from scorewire_server.process import Run
from scorewire_server.settings import Settings


def until_stdin_closes(run: Run) -> Run:
    """The same process, which also stops when its standard input ends."""

    async def bounded(settings: Settings, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        stdin = sys.stdin.fileno()

        def read() -> None:
            if not os.read(stdin, 1024):
                loop.remove_reader(stdin)
                stop.set()

        loop.add_reader(stdin, read)
        await run(settings, stop)

    return bounded
