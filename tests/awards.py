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
        "source": "internal",
        "awarded_at": 1_700_000_000_000,
    }
    return NewAward(user_id=user_id, points=points, **(values | others))


def folded(awards: Iterable[Award]) -> dict[tuple[str, str], tuple[int, int]]:
    """Score and reached position by board and user, added up one award after the other."""
    standings: dict[tuple[str, str], tuple[int, int]] = {}
    for award in awards:
        for board in award.boards.split(","):
            score, reached = standings.get((board, award.user_id), (0, award.position))
            standings[board, award.user_id] = score + award.points, award.position if award.points else reached
    return standings


def rows(url: sa.URL, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, read from beside the server."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(query)]
    engine.dispose()
    return found


def check_ledger(url: sa.URL) -> list[Award]:
    """Proves that positions, hashes and standings of a database agree, and answers its awards."""
    columns = ", ".join(Award._fields)
    read = rows(url, f"SELECT {columns}, hash FROM awards ORDER BY position")
    awards = [Award(*row[:-1]) for row in read]
    assert [award.position for award in awards] == list(range(1, len(awards) + 1))
    last = bytes(32)
    for award, row in zip(awards, read, strict=True):
        canonical = json.dumps(list(award), separators=(",", ":"), ensure_ascii=False).encode()
        last = hashlib.sha256(last + canonical).digest()
        assert bytes(row[-1]) == last, f"hash of position {award.position}"
    ((position, head),) = rows(url, "SELECT position, hash FROM ledger")
    assert (position, bytes(head)) == (len(awards), last)
    standings = rows(url, "SELECT board_id, user_id, score, reached_position FROM standings")
    assert {row[:2]: row[2:] for row in standings} == folded(awards)
    return awards
