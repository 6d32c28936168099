"""What every fault has."""

import random
from typing import Protocol

from tests.crash.load import Load
from tests.crash.world import World


class Fault(Protocol):
    """One kind of trouble."""

    name: str
    needs: str | None = None
    """What a machine may lack for it."""

    def possible(self, world: World) -> bool:
        """Whether it can be made on this machine, with this database."""
        return True

    async def strike(self, world: World, load: Load, choose: random.Random) -> None:
        """Breaks something amid the load, waits until callers feel it, and mends it."""
