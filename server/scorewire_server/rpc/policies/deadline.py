"""Every unary call ends in time, whether or not its client set a deadline; watches are exempt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scorewire_server.errors import DeadlineExceeded
from scorewire_server.rpc.call import Call


@asynccontextmanager
async def within_deadline(call: Call, longest: float) -> AsyncIterator[None]:
    """Cancels what it encloses after the client's deadline or `longest` seconds. Raises DeadlineExceeded."""
    remaining = call.deadline()
    seconds = longest if remaining is None else min(longest, remaining)
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            yield
    except TimeoutError as late:
        if not timeout.expired():
            raise
        raise DeadlineExceeded(
            f"no answer within {seconds:.1f} s; see what became of it before you repeat it"
        ) from late
