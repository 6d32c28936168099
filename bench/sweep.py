"""More and more calls of one kind through the gateway, until four times as many as can be served."""

from typing import NamedTuple

from bench.pressed import Pressable
from bench.pressure import AWARD, SECONDS, Taken, run

STEPS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Times the peak."""


class Sweep(NamedTuple):
    """What callers get that wait for their answers, and what became of calls by a schedule at each of `STEPS`."""

    peak: Taken
    taken: list[Taken]


def sweep(pressable: Pressable) -> Sweep:
    """Awards, one a call."""
    peak = run(pressable.internal, AWARD.kind, SECONDS, callers=AWARD.callers)
    return Sweep(peak, [run(pressable.internal, AWARD.kind, SECONDS, rate=step * peak.served) for step in STEPS])
