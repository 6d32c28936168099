"""Breaks Scorewire in every way there is, round after round: `python -m tests.crash --help`."""

import asyncio
import itertools
import random
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from tests.crash.databases import Kind
from tests.crash.report import Played, line, write_table
from tests.crash.rounds import Rounds
from tests.crash.world import SERVERS

ROUNDS_OF_A_WORLD = 16
"""Each round reads all of the databases, and their disk is small."""
LOGS = Path("build/crash")
"""Where the logs of a round go that ended badly."""


def main(
    rounds: Annotated[int, typer.Option(help="How many.")] = 24,
    seed: Annotated[int | None, typer.Option(help="Of the first round; others count on. Random if none.")] = None,
    database: Annotated[Kind, typer.Option(help="sqlite or postgresql.")] = "sqlite",
    fault: Annotated[str, typer.Option(help="Only faults whose name has this in it.")] = "",
    table: Annotated[Path | None, typer.Option(help="A Markdown file to put the table into.", exists=True)] = None,
) -> None:
    """Break Scorewire again and again, and prove after each round that no award was lost and none counts twice.

    The seed of a round decides on its fault, its moment and its load: `--rounds 1 --seed` with that of the round plays
    it again, as far as the machine lets it.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing is left behind
    first = random.randrange(1_000_000) if seed is None else seed
    played: list[Played] = []

    def tell(each: Played) -> None:
        played.append(each)
        typer.echo(line(each))
        if table:
            write_table(table, database, played)

    left_out = asyncio.run(play(database, list(range(first, first + rounds)), fault, tell))
    wrong = sum(each.wrong is not None for each in played)
    for each in sorted(left_out):
        typer.echo(f"left out: {each}")
    typer.echo(f"{len(played)} rounds on {database}, {wrong} wrong")
    raise typer.Exit(bool(wrong))


async def play(database: Kind, seeds: Sequence[int], only: str, tell: Callable[[Played], None]) -> set[str]:
    """Plays a round with each seed; now and then, and after one that ended badly, the world begins anew.

    Answers what was left out, and why.
    """
    left_out: set[str] = set()
    while seeds:
        with tempfile.TemporaryDirectory(prefix="scorewire-crash-") as folder:
            _, alike = next(itertools.groupby(seeds, _world))
            async for each in play_in(Path(folder), database, [*alike], only, left_out):
                tell(each)
                seeds = seeds[1:]
    return left_out


async def play_in(
    folder: Path, database: Kind, seeds: Sequence[int], only: str, left_out: set[str]
) -> AsyncIterator[Played]:
    """Plays rounds in one world, up to one that ends badly; puts what cannot be played into `left_out`."""
    async with Rounds.begun(folder, database, detecting=bool(_world(seeds[0]) % 2)) as rounds:
        left_out.update(rounds.left_out(only))
        faults = rounds.faults(only)
        for seed in seeds:
            fault = faults[seed % len(faults)]
            try:
                figures = await rounds.play(seed, fault)
                await rounds.verify()
            except Exception as wrong:  # noqa: BLE001 - whatever it is, it is what this is about
                keep_logs(rounds, seed)
                yield Played(seed, fault.name, None, repr(wrong))
                return
            yield Played(seed, fault.name, figures)


def _world(seed: int) -> int:
    """Which world a seed belongs to; in every other one the detector is on."""
    return seed // ROUNDS_OF_A_WORLD


def keep_logs(rounds: Rounds, seed: int) -> None:
    """Copies the logs of a round that ended badly."""
    folder = LOGS / str(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name in SERVERS:
        shutil.copy(rounds.world.server(name).log_file, folder)


if __name__ == "__main__":
    typer.run(main)
