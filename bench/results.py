"""What a run has found: rows of a table, saved as JSON."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

_VERDICTS = {True: "met", False: "missed", None: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, and the bar it is held to, where there is one: at most, or where `at_least` at least."""

    name: str
    ours: str
    yardstick: str
    value: float
    bar: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the figure keeps to its bar."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar


def show(rows: Sequence[Row]) -> None:
    """Prints the table."""
    table = Table(title="Scorewire against its bars")
    for column in ("what", "Scorewire", "yardstick"):
        table.add_column(column)
    for column in ("figure", "bar"):
        table.add_column(column, justify="right")
    table.add_column("")
    for row in rows:
        bar = "" if row.bar is None else f"{'≥' if row.at_least else '≤'} {row.bar:g}"
        table.add_row(row.name, row.ours, row.yardstick, f"{row.value:.2f}", bar, _VERDICTS[row.met])
    Console(width=120).print(table)


def save(rows: Sequence[Row], path: Path) -> None:
    """Writes the figures and what they were measured with."""
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    versions = {name: version(name) for name in ("grpcio", "protobuf", "sqlalchemy", "uvloop")}
    found = [asdict(row) | {"met": row.met} for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine, "versions": versions, "rows": found}, indent=2) + "\n")


def typical(values: Sequence[float]) -> float:
    """The lower quartile: on a shared machine others only ever add to what something costs."""
    return statistics.quantiles(values, n=4)[0]
