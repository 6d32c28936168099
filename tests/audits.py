"""Verifying and rebuilding a database, from beside a server or without one."""

from collections.abc import Generator
from typing import Any, TypeVar

from scorewire_server.audit.checks import Step
from scorewire_server.audit.rebuild import Rebuild, Rebuilt
from scorewire_server.audit.verify import Verification, Verified
from scorewire_server.storage.database import Database

T = TypeVar("T")


def ended(steps: Generator[Step, None, T]) -> tuple[T, list[Step]]:
    """Goes through the steps; what they answer, and the steps."""
    seen: list[Step] = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen


def verify(database: Database) -> Verified:
    """Verifies without a server."""
    return ended(Verification(database, None, "built").run())[0]


def wrong(verified: Verified) -> dict[str, tuple[dict[str, Any], int]]:
    """By check, the first wrong row and how many are wrong."""
    return {check.name: (check.first.row, check.wrong) for check in verified.checks if check.first}


def rebuild(database: Database) -> Rebuilt:
    """Rebuilds without a server."""
    run = Rebuild(database)
    ended(run.read())
    return run.mend(lambda _: [])
