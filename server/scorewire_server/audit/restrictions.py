"""Holds the restrictions against what the decisions come to."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scorewire_server.audit.checks import Checks
from scorewire_server.audit.walk import Walk
from scorewire_server.storage.inspection import Rows
from scorewire_server.storage.records import Restriction


class WrongRestriction(NamedTuple):
    """A restriction that is not what the decisions come to; `None` stands for none."""

    user_id: str
    right: Restriction | None
    there: Restriction | None


def wrong_restrictions(walk: Walk, chunks: Iterable[Rows]) -> Iterator[WrongRestriction]:
    """Every wrong restriction."""
    missing = set(walk.restrictions)
    for row in (row for rows in chunks for row in rows):
        there = Restriction._make(row)
        right = walk.restrictions.get(there.user_id)
        missing.discard(there.user_id)
        if right != there:
            yield WrongRestriction(there.user_id, right, there)
    for user_id in sorted(missing, key=str):
        yield WrongRestriction(user_id, walk.restrictions[user_id], None)


def check_restrictions(walk: Walk, chunks: Iterable[Rows], checks: Checks) -> None:
    """Reports every wrong restriction."""
    for user_id, right, there in wrong_restrictions(walk, chunks):
        checks.restrictions.found({"userId": user_id}, expected=_shown(right), found=_shown(there))


def _shown(restriction: Restriction | None) -> str:
    if restriction is None:
        return "no restriction"
    return f"{restriction.state} at position {restriction.position}: {restriction.reason}"
