"""Awards to give, and the plainest account of what they must add up to."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from scorewire_server.storage.records import Award, NewAward


def new_award(user_id: str = "ada", points: int = 1, **others: Any) -> NewAward:
    """An award with an id of its own."""
    values = {
        "award_id": uuid4().hex,
        "action_type": "dice.roll",
        "boards": ("main",),
        "kind": "internal",
        "awarded_at": 1_700_000_000_000,
    }
    return NewAward(user_id=user_id, points=points, **(values | others))


def folded(awards: Iterable[Award]) -> dict[tuple[str, str], tuple[int, int]]:
    """Score and reached position by board and user, added up one award after the other."""
    standings: dict[tuple[str, str], tuple[int, int]] = {}
    for award in awards:
        for board in filter(None, award.boards.split(",")):
            score, reached = standings.get((board, award.user_id), (0, award.position))
            standings[board, award.user_id] = score + award.points, award.position if award.points else reached
    return standings


STATE_AFTER = {"quarantine": "quarantined", "release": "clear", "block": "blocked", "unblock": "clear"}


def decision(kind: str, user_id: str = "ada", reason: str = "seen cheating", **others: Any) -> NewAward:
    """A decision about a user, with an id of its own."""
    values: dict[str, Any] = {"action_type": "", "boards": (), "kind": kind, "reason": reason, "actor": "ops"}
    return new_award(user_id, 0, **(values | others))


def decided(awards: Iterable[Award]) -> dict[str, tuple[str, int, str | None]]:
    """State, position and reason by user, and that every award says whether its user was in quarantine."""
    states: dict[str, tuple[str, int, str | None]] = {}
    for award in awards:
        state = states[award.user_id][0] if award.user_id in states else "clear"
        assert award.quarantined == (state == "quarantined"), award
        if award.kind in STATE_AFTER:
            states[award.user_id] = STATE_AFTER[award.kind], award.position, award.reason
    return states


def rows(url: sa.URL, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, read from beside the server."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(query)]
    engine.dispose()
    return found


def check_ledger(url: sa.URL) -> list[Award]:
    """Proves that positions, hashes, standings and restrictions of a database agree, and answers its awards."""
    columns = ", ".join(Award._fields)
    read = rows(url, f"SELECT {columns}, hash FROM awards ORDER BY position")
    awards = [Award(*row[:-1]) for row in read]
    assert [award.position for award in awards] == list(range(1, len(awards) + 1))
    last = bytes(32)
    for award, row in zip(awards, read, strict=True):
        canonical = json.dumps(list(award), separators=(",", ":"), ensure_ascii=False).encode()
        last = hashlib.sha256(last + canonical).digest()
        assert bytes(row[-1]) == last, f"hash of position {award.position}"
    states = decided(awards)
    ((position, head, last_decided),) = rows(url, "SELECT position, hash, decided_position FROM ledger")
    assert (position, bytes(head)) == (len(awards), last)
    assert last_decided == max((at for _, at, _ in states.values()), default=0)
    restrictions = rows(url, "SELECT user_id, state, position, reason FROM restrictions")
    assert {row[0]: row[1:] for row in restrictions} == states
    standings = rows(url, "SELECT board_id, user_id, score, reached_position FROM standings")
    assert {row[:2]: row[2:] for row in standings} == folded(awards)
    return awards
