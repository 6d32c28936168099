"""Commands of the operator: is everything as it should be, and make it so again."""

import gc
import sys
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

import typer

from scorewire_client.cli.options import AsJson
from scorewire_client.cli.output import NO_TEXT, fail, hush_grpc, report_json
from scorewire_client.cli.serving import load_settings

if TYPE_CHECKING:
    from rich.progress import TaskID

    from scorewire_server.audit.checks import Check, Step
    from scorewire_server.audit.redelivery import Redelivered
    from scorewire_server.audit.verify import Verified

T = TypeVar("T")

WRONG = 3
"""The exit code where something is wrong; 1 is that of a command that could not find out."""

Server = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="The score server; where its settings say if not given.")
]

Journals = Annotated[
    list[str] | None,
    typer.Option(
        metavar="URL", help="The journal of an action server, once for each; the one of the settings if not given."
    ),
]


def verify(
    server: Server = None,
    ask: Annotated[
        bool,
        typer.Option("--ask/--no-ask", help="Whether to ask the server; not where this is a copy of its database."),
    ] = True,
    journal: Journals = None,
    no_journal: Annotated[bool, typer.Option("--no-journal", help="Whether to leave the journals alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hold the ledger, the standings, the ranking and the action servers' journals against one another.

    The score server may run meanwhile, and is asked for its boards. Exits with 0 where all is right, with 3 where
    something is wrong, and with 1 where that could not be found out.
    """
    settings = load_settings()
    with _problems_in_one_line():
        from scorewire_server.audit.opening import verification

        with verification(settings, server, ask=ask, journals=[] if no_journal else journal or None) as run:
            gc.disable()  # it would walk a million standings again and again, and there is no garbage
            verified = _progressing(run.run())
    if as_json:
        typer.echo(report_json(verified))
    else:
        _print(verified, no_journal=no_journal)
    if not verified.right:
        raise typer.Exit(WRONG)


def rebuild(server: Server = None, as_json: AsJson = False) -> None:
    """Make the standings and the ranking again from the ledger, and mend what is wrong.

    A running score server does it while it goes on; where none runs, this command does it. Exits with 3 where the
    ledger itself is damaged: then nothing is changed.
    """
    settings = load_settings()
    with _problems_in_one_line():
        from scorewire_server.audit.opening import rebuilding

        rebuilt = _progressing(rebuilding(settings, server))
    if as_json:
        typer.echo(report_json(rebuilt))
        return
    mended = f"Standings mended: {rebuilt.standings_mended:,}, restrictions: {rebuilt.restrictions_mended:,}"
    typer.echo(f"{mended}, as of position {rebuilt.position:,}.")
    typer.echo(f"Boards that were shown wrong: {', '.join(rebuilt.boards_mended) or 'none'}.")


def redeliver(
    yes: Annotated[
        bool, typer.Option("--yes", help="Have them delivered again; without it they are counted and no more.")
    ] = False,
    journal: Journals = None,
    as_json: AsJson = False,
) -> None:
    """Have awards delivered again that are missing after the ledger was set back to a copy.

    They are those that the action servers' journals call delivered and that are not in the ledger. The action servers
    deliver them as they do what could not be delivered at first, and each counts once.
    """
    settings = load_settings()
    with _problems_in_one_line():
        from scorewire_server.audit.opening import redelivery

        with redelivery(settings, journal) as run:
            redelivered = _progressing(run.run(int(time.time() * 1000) if yes else None))
    typer.echo(report_json(redelivered) if as_json else _what_is_missing(redelivered))


def _what_is_missing(redelivered: "Redelivered") -> str:
    if not redelivered.awards:
        return "Nothing is missing: the ledger has every award that was delivered."
    awards = "1 award is" if redelivered.awards == 1 else f"{redelivered.awards:,} awards are"
    users = "1 user" if redelivered.users == 1 else f"{redelivered.users:,} users"
    missing = f"{awards} missing in the ledger: {redelivered.points:,} points of {users}."
    if redelivered.pending:
        return f"{missing}\nThey are pending again: an action server delivers them, each once."
    return f"{missing}\nNothing was changed. To have them delivered again: scorewire redeliver --yes"


@contextmanager
def _problems_in_one_line() -> Iterator[None]:
    hush_grpc()
    from sqlalchemy.exc import DBAPIError

    from scorewire_server.errors import LedgerDamaged, Refusal, StartError
    from scorewire_server.rpc.operator import NoAnswer

    try:
        yield
    except LedgerDamaged as damaged:
        fail(str(damaged), WRONG)
    except (StartError, OSError, NoAnswer) as problem:
        fail(_in_one_line(problem))
    except UnicodeError:
        fail(NO_TEXT)
    except DBAPIError as unreadable:
        fail(f"the database cannot be read: {_in_one_line(unreadable.orig)}")
    except Refusal as refusal:
        cause = refusal.__cause__
        fail(f"{refusal.reason}: {_in_one_line(cause.orig if isinstance(cause, DBAPIError) else refusal)}")


def _in_one_line(problem: BaseException | None) -> str:
    return " ".join(str(problem).split())


def _progressing(steps: Generator["Step", None, T]) -> T:
    """Goes through the steps, with a bar for each kind of rows where a person looks on; answers what they answer."""
    from rich.console import Console
    from rich.progress import Progress

    progress = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    bars: defaultdict[str, TaskID] = defaultdict(lambda: progress.add_task(""))
    with progress:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return cast("T", end.value)
            bar = bars[step.rows]
            progress.update(bar, description=step.rows, completed=step.done, total=max(step.total, step.done))


def _print(verified: "Verified", *, no_journal: bool) -> None:
    for check in verified.checks:
        typer.echo(f"{check.name:<15}{_told(check)}")
    typer.echo(f"Ranking: {verified.ranking}.")
    typer.echo(f"Journal: {verified.journal}.")
    if not no_journal and any(check.name == "journal" and check.skipped for check in verified.checks):
        typer.echo("Say where the journal is with --journal URL, or leave it alone with --no-journal.")
    counted = f"Rows of the ledger: {verified.rows:,}, awards: {verified.awards:,}, standings: {verified.standings:,}"
    typer.echo(f"{counted}, newest hash: {verified.hash}.")
    typer.echo("All is right." if verified.right else "Something is wrong.")


def _told(check: "Check") -> str:
    if check.skipped:
        return f"not checked: {check.skipped}"
    if not check.first:
        return f"ok: {check.about}"
    rows = "1 row" if check.wrong == 1 else f"{check.wrong:,} rows, the first"
    return f"{'WRONG' if check.grave else 'told'}: {rows}: {check.first}"
