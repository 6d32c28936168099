"""Holds the ledger as a whole against its head, and its awards against one another."""

from collections.abc import Sequence
from typing import Any

from scorewire_server.audit.checks import Checks, shown_hash
from scorewire_server.audit.walk import Walk
from scorewire_server.storage.inspection import Inspection


def check_head(walk: Walk, heads: Sequence[tuple[Any, ...]], checks: Checks) -> None:
    """Reports heads that are not those of a walk's end. `heads` are as Inspection has them."""
    if len(heads) != 1:
        checks.head.found({}, expected="one head of the ledger", found=str(len(heads)))
    for position, stored, decided, _ in heads:
        if position != walk.position:
            checks.head.found({}, expected=f"position {walk.position}", found=f"position {position}")
        if stored != walk.hash:
            checks.head.found({}, expected=shown_hash(walk.hash), found=shown_hash(stored))
        if decided != walk.decided:
            checks.head.found({}, expected=f"decided position {walk.decided}", found=f"decided position {decided}")


def check_ids(inspection: Inspection, checks: Checks) -> None:
    """Reports ids that more than one award has."""
    for award_id, positions in inspection.repeated_ids():
        row: dict[str, object] = {"position": positions[1], "awardId": award_id}
        places = " and ".join(map(str, positions))
        checks.award_ids.found(row, expected="one award of this id", found=f"it at positions {places}")
