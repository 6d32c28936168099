"""A loop whose time a test has in its hand."""

import asyncio
from collections.abc import Callable


class SetTime(asyncio.SelectorEventLoop):
    """Its time stands still until it is told to go on."""

    now = 100.0

    def time(self) -> float:
        return self.now

    def pass_time(self, seconds: float) -> None:
        """Lets time pass, and what is due by then happen."""
        self.now += seconds
        self.run_until_complete(asyncio.sleep(0))
        self.run_until_complete(asyncio.sleep(0))


def on_a_loop(test: Callable[[SetTime], None]) -> None:
    loop = SetTime()
    try:
        test(loop)
    finally:
        loop.close()
