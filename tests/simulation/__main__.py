"""`python -m tests.simulation [seed ...]`: simulates the attack, and prints what became of everybody."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import structlog

from tests.simulation.people import CHEATERS
from tests.simulation.play import Outcome, play


def table(outcome: Outcome) -> str:
    """The confusion matrix, in Markdown."""
    lines = ["| who | users | quarantined | then blocked | neither | after, in seconds |", "|---|---|---|---|---|---|"]
    for kind in ("honest", *CHEATERS):
        users, seconds, blocked = outcome.of(kind)
        after = ", ".join(f"{second:.0f}" for second in seconds)
        lines.append(f"| {kind} | {users} | {len(seconds)} | {blocked} | {users - len(seconds)} | {after} |")
    return "\n".join(lines)


def main(seeds: list[int]) -> None:
    """Simulates with each seed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for seed in seeds:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            outcome = asyncio.run(play(seed, Path(folder)))
        print(f"seed {seed}: {outcome.cheaters_caught} of 20 cheaters and {outcome.honest_caught} of 1000 honest users")
        print(table(outcome), "\n", flush=True)
        if "-v" in sys.argv:
            print(dict(outcome.world.answers), f"{time.perf_counter() - began:.0f} s")
            print(dict(outcome.world.findings))
            for user, verdicts in outcome.world.verdicts.items():
                print(user, verdicts[0])


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:] if argument.isdigit()] or [1])
