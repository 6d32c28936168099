"""What one call costs the server's CPU, against an empty handler on the same stack."""

from typing import NamedTuple

from bench.load import MakeCall, load
from bench.results import Row, typical
from bench.servers import Measured

CALLERS = 32
CALLS = 1500


class Bar(NamedTuple):
    """A call, and how many times an empty handler's cost it may be, where that is bounded."""

    name: str
    make: MakeCall
    most: float | None


async def unary(bar: Bar, ours: Measured, empty: Measured, rounds: int) -> Row:
    """Calls both servers in turn, so that whatever else the machine does disturbs both alike."""
    costs, yardsticks = [], []
    for _ in range(rounds):
        yardsticks.append((await load(empty, bar.make, CALLERS, CALLS)).cpu_us)
        costs.append((await load(ours, bar.make, CALLERS, CALLS)).cpu_us)
    cost, yardstick = typical(costs), typical(yardsticks)
    return Row(bar.name, f"{cost:.0f} µs CPU", f"empty handler {yardstick:.0f} µs CPU", cost / yardstick, bar.most)
