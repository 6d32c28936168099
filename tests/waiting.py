"""Waiting for what will come to be true, as long as it takes and no longer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 60.0


def until(condition: Callable[[], T], what: str) -> T:
    """What `condition` answers once that is true; fails, saying `what` has not come, where it never is."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.01)
    raise AssertionError(f"waited {SECONDS:.0f} s in vain: {what}")


async def comes(condition: Callable[[], Awaitable[T]], what: str) -> T:
    """`until` for a condition that is awaited."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if answer := await condition():
            return answer
        await asyncio.sleep(0.01)
    raise AssertionError(f"waited {SECONDS:.0f} s in vain: {what}")


async def becomes(condition: Callable[[], T], what: str) -> T:
    """`until` for a condition that comes true on the event loop."""

    async def look() -> T:
        return condition()

    return await comes(look, what)
