"""Measures Scorewire: prints a table, and saves it as JSON."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from bench.audit import audits
from bench.batches import SIZE, batches
from bench.coalesced import coalesced
from bench.fanout import fanout
from bench.flood import floods
from bench.load import apply_score, get_leaderboard, get_standing
from bench.million import USERS, fill
from bench.overload import overload
from bench.paint import paint
from bench.plots import PICTURES, plot_coalesced, plot_fanout, plot_paint, plot_sweep
from bench.pressed import all_three
from bench.pressure import press
from bench.results import Row, save, show, typical
from bench.servers import Measured, empty_server, score_server, wait_connected, wait_serving
from bench.smooth import smooth
from bench.sweep import sweep
from bench.unary import Bar, unary
from scorewire_server.certs import make_certificates
from scorewire_server.tokens.keys import make_keys


class Part(StrEnum):
    """What may be measured."""

    ALL = "all"
    COALESCED = "coalesced"
    FANOUT = "fanout"
    PAINT = "paint"
    PRESSURE = "pressure"
    SMOOTH = "smooth"
    VERIFY = "verify"


READY_SECONDS, READY_MIB = 5, 400
FLOODS = 3
NEW = [Bar("ApplyScore, 32 callers, durable", apply_score, 1.5)]
FULL = [
    Bar("ApplyScore, 32 callers, 1,000,000 users", apply_score, None),
    Bar("GetLeaderboard, top 100", get_leaderboard, 1.15),
    Bar("GetStanding", get_standing, 1.25),
]


def main(
    rounds: Annotated[int, typer.Option(help="How often each is measured.")] = 16,
    users: Annotated[int, typer.Option(help="Users on the board.")] = USERS,
    parts: Annotated[Part, typer.Option(help="What is measured: all, or only this.")] = Part.ALL,
    overload_minutes: Annotated[float, typer.Option(help="How long memory is looked at in an overload.")] = 0,
    output: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("build/bench.json"),
) -> None:
    """Measure Scorewire against an empty handler and raw sqlite3, on this machine and in one run."""
    with tempfile.TemporaryDirectory(prefix="scorewire-bench-") as folder:
        data = Path(folder)
        make_certificates(data / "certs", "scorewire.local")
        make_keys(data / "keys")
        rows: list[Row] = []
        if parts in {Part.ALL, Part.VERIFY}:
            fill(data, users)
            rows += audits(data, users)
        if parts is Part.ALL:
            rows += [*starts(data, users), *measure(data, rounds)]
        if parts in {Part.ALL, Part.COALESCED}:
            rows.append(backends(data, rounds))
        if parts in {Part.ALL, Part.FANOUT}:
            rows += watches(data)
        if parts in {Part.ALL, Part.PAINT}:
            rows.append(clicks(data))
        if parts in {Part.ALL, Part.SMOOTH}:
            rows += smooth(data / "smooth")
        if parts in {Part.ALL, Part.PRESSURE}:
            rows += pressure(data, rounds, overload_minutes)
    show(rows)
    save(rows, output)
    typer.echo(f"The figures are in {output}.")


def watches(data: Path) -> Sequence[Row]:
    """How soon awards reach those who watch, and what a watch costs."""
    with new_server(data) as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        wait_serving(server, time.monotonic())
        rows, spells = runner.run(fanout(server, data / "certs"))
    plot_fanout(spells, PICTURES)
    return rows


def backends(data: Path, rounds: int) -> Row:
    """How many more awards a backend can give where its client puts them together."""
    with new_server(data) as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        wait_serving(server, time.monotonic())
        row, rates = runner.run(coalesced(server, rounds))
    plot_coalesced(rates, PICTURES)
    return row


def clicks(data: Path) -> Row:
    """How soon a click in a browser changes what it shows."""
    row, taken = paint(data / "paint")
    plot_paint(taken, PICTURES)
    return row


def pressure(data: Path, rounds: int, overload_minutes: float) -> Sequence[Row]:
    """What becomes of three times as many calls as can be served."""
    with all_three(data / "pressed") as pressed:
        rows = list(press(pressed, max(1, rounds // 5)))
        plot_sweep(sweep(pressed), PICTURES)
        if overload_minutes:
            rows += overload(pressed, overload_minutes * 60)
    return rows


def starts(data: Path, users: int) -> Sequence[Row]:
    """How long a server takes to be ready, and how much memory."""
    seconds, memory = [], []
    for _ in range(3):
        began = time.monotonic()
        with score_server(data) as server:
            seconds.append(wait_serving(server, began))
            memory.append(server.memory_mib())
    ready, mib = typical(seconds), max(memory)
    what = f"with {users:,} users"
    return [
        Row(f"Seconds to SERVING {what}", f"{ready:.2f} s", "", ready, READY_SECONDS),
        Row(f"MiB when ready {what}", f"{mib:.0f} MiB", "", mib, READY_MIB),
    ]


def measure(data: Path, rounds: int) -> Sequence[Row]:
    """What calls cost, with the servers started once: ours over a new database and over the full one."""
    batch = {"SCOREWIRE_SCORE__COMMIT_BATCH": str(SIZE)}
    with empty_server(data / "certs") as empty, new_server(data) as new, score_server(data, batch) as full:
        wait_connected(empty)
        for server in (new, full):
            wait_serving(server, time.monotonic())
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            rows = [runner.run(unary(bar, new, empty, rounds)) for bar in NEW]
            rows += [runner.run(unary(bar, full, empty, rounds)) for bar in FULL]
            rows.append(runner.run(batches(full, data / "score.db", rounds)))
            return [*rows, runner.run(floods(new, data / "keys", data / "certs", FLOODS))]


def new_server(data: Path) -> AbstractContextManager[Measured]:
    """A score server over a database of its own."""
    own = {"SCOREWIRE_CERTS_DIR": str(data / "certs"), "SCOREWIRE_KEYS_DIR": str(data / "keys")}
    return score_server(Path(tempfile.mkdtemp(dir=data)), own, certs=data / "certs")


if __name__ == "__main__":
    typer.run(main)
