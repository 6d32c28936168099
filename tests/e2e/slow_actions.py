"""An action that takes as long as its test wants."""

import asyncio
from pathlib import Path

from scorewire_server.action import ActionCall, Outcome, action
from tests.waiting import until


@action("slow.wait")
async def wait(call: ActionCall) -> Outcome:
    """Waits until the file exists whose path is its input, with `.begun` beside it when it begins."""
    awaited = Path(call.input)
    awaited.with_suffix(".begun").touch()
    await asyncio.to_thread(until, awaited.exists, f"a file {awaited}")
    return Outcome("done", points=0)
