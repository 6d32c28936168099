"""What rounds came to: a line for each, and a table by fault for the docs."""

import re
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.crash.databases import Kind
from tests.crash.rounds import Figures

NAMES: dict[Kind, str] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
FIGURES = ("given", "felt", "unheard", "counted", "pending", "interrupted", "acted", "refused", "caught")
HEADINGS = ("fault", "rounds", "wrong", "awards", "failed calls", *FIGURES[2:6], "acts", *FIGURES[7:], "back after")


class Played(NamedTuple):
    """A round: its figures, or what was wrong."""

    seed: int
    fault: str
    figures: Figures | None
    wrong: str | None = None


def line(played: Played) -> str:
    """One round in one line."""
    told = _told(played.figures) if played.figures else f"WRONG: {played.wrong}"
    return f"seed {played.seed:<7} {played.fault:<55} {told}"


def _told(of: Figures) -> str:
    return (
        f"{of.given:5} awards, {of.felt:4} failed calls, {of.unheard:3} unheard, {of.counted:3} of them counted, "
        f"{of.pending:3} pending, {of.interrupted:2} interrupted, {of.acted:3} acts, {of.refused:3} refused, "
        f"{of.caught} caught, back after {of.recovery:4.1f} s; {of.seconds:4.1f} s"
    )


def write_table(file: Path, database: Kind, played: Sequence[Played]) -> None:
    """Puts the table of a run between the marks of its database in a Markdown file."""
    begin, end = (f"<!-- {mark} of the crash rounds on {NAMES[database]} -->" for mark in ("begin", "end"))
    table = "\n".join([begin, *_section(database, played), end])
    text, found = re.subn(f"{begin}.*{end}", lambda _: table, file.read_text(), flags=re.DOTALL)
    if not found:
        raise SystemExit(f"{file} has no place for the table: the lines {begin} and {end}")
    file.write_text(text)


def _section(database: Kind, played: Sequence[Played]) -> Iterator[str]:
    seeds = f"seeds {played[0].seed} to {played[-1].seed}"
    yield f"{len(played)} rounds on {NAMES[database]}, {seeds}:"
    yield ""
    yield _row(HEADINGS)
    yield _row(["---", *["--:"] * (len(HEADINGS) - 1)])
    for fault in dict.fromkeys(each.fault for each in played):
        yield _row(_cells(fault, [each for each in played if each.fault == fault]))
    yield _row(_cells("all", played))


def _cells(name: str, played: Sequence[Played]) -> Iterator[str]:
    of = [each.figures for each in played if each.figures]
    yield name
    yield str(len(played))
    yield str(sum(each.wrong is not None for each in played))
    for figure in FIGURES:
        yield f"{sum(getattr(each, figure) for each in of):,}"
    yield f"{statistics.median(each.recovery for each in of):.2f} s" if of else ""


def _row(cells: Iterator[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
