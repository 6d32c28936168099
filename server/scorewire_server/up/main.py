"""Starts the three processes, says when they are ready, and stops them together."""

import asyncio
import os
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import Any

from scorewire_server.files import make_folder
from scorewire_server.rpc.live import followed
from scorewire_server.settings import Settings
from scorewire_server.up.banner import banner
from scorewire_server.up.child import Child, running
from scorewire_server.up.command import command
from scorewire_server.up.plan import development, environment
from scorewire_server.up.ports import check_ports
from scorewire_server.up.prepare import prepared, renew_certificates
from scorewire_server.up.problems import UpProblem
from scorewire_server.up.ready import until_ready
from scorewire_server.up.screen import Screen

# Started in this order and stopped in the reverse: nobody is called who has gone.
NAMES = ("score", "action", "gateway")
READY_SECONDS = 60.0
RENEW_SECONDS = 600.0
"""How often certificates are looked at that may end soon; the processes read new ones by themselves."""
NOTHING_LOST = "Nothing that was acknowledged is lost. This starts all of it again"
EXIT_SECONDS = 1.5
"""What a process has to exit after the time that it gives its calls to end."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Runs all of Scorewire until `stop` is set.

    Raises UpProblem where the data folder or a port is taken, where a process ends by itself or is not ready in time.
    """
    screen = Screen()
    settings = development(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(prepared(settings))
        check_ports(settings)
        await stack.enter_async_context(followed(partial(renew_certificates, settings), RENEW_SECONDS))
        children = [await stack.enter_async_context(_start(name, settings, screen)) for name in NAMES]
        stack.callback(screen.stopping)
        await _first_of(stop.wait(), _all_ready(children, settings, screen), *_ends(children, screen))
        if not stop.is_set():
            screen.say(banner(settings))
            await _first_of(stop.wait(), *_ends(children, screen, f"\n{NOTHING_LOST}: {command()}"))
    screen.say("Stopped.")


def _start(name: str, settings: Settings, screen: Screen) -> AbstractAsyncContextManager[Child]:
    logs = settings.data_dir / "logs"
    make_folder(logs)
    grace = getattr(settings, name).drain_seconds + EXIT_SECONDS
    return running(name, environment(settings, os.environ), logs / f"{name}.log", grace, screen.tell)


async def _all_ready(children: Sequence[Child], settings: Settings, screen: Screen) -> None:
    with screen.waiting([child.name for child in children]) as say_ready:

        async def wait_for(child: Child) -> None:
            try:
                await asyncio.wait_for(until_ready(child.name, settings), READY_SECONDS)
            except TimeoutError:
                problem = f"the {child.name} process is not ready after {READY_SECONDS:g} s; its log is {child.log}"
                raise UpProblem(problem) from None
            say_ready(child.name)

        await asyncio.gather(*map(wait_for, children))


def _ends(children: Sequence[Child], screen: Screen, advice: str = "") -> list[Coroutine[Any, Any, None]]:
    return [_end_of(child, screen, advice) for child in children]


async def _end_of(child: Child, screen: Screen, advice: str) -> None:
    """Waits until a process ends by itself, which is always a problem; `advice` is what to do then."""
    how = await child.ended()
    screen.last_words(f"The {child.name} process {how}", child.last_lines)
    raise UpProblem(f"the {child.name} process {how}, so the others were stopped; its log is {child.log}{advice}")


async def _first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    """Waits until one of them is over; raises what it raised."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
