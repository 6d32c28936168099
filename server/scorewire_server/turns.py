"""Work on many items in pieces, so that under pressure the event loop looks at what else has come in between them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

PIECE = 100
"""So many items are worked on at a time."""
LOOKS = 8
"""So many times the event loop looks in between: gRPC needs five to take a call, and takes one after the other."""

Item = TypeVar("Item")
Made = TypeVar("Made")


class Turns:
    """While `is_pressed`, whoever has many items works on a piece of them in turn, one piece at a time."""

    def __init__(self, is_pressed: Callable[[], bool]) -> None:
        self._is_pressed = is_pressed
        self._turn = asyncio.Lock()
        self._since = 0

    async def each(self, work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
        """What `work` makes of each item, in order. Raises what `work` raises."""
        made: list[Made] = []
        for start in range(0, len(items), PIECE):
            async with self._turn:
                piece = items[start : start + PIECE]
                made += map(work, piece)
                self._since += len(piece)
                if self._since >= PIECE and self._is_pressed():
                    self._since = 0
                    await look()
        return made


async def look() -> None:
    """Lets the event loop do what has come in meanwhile."""
    for _ in range(LOOKS):
        await asyncio.sleep(0)
