"""`ApplyScores` by hundreds, against raw sqlite3 with the same rows in transactions of the same size."""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.load import new_awards
from bench.results import Row
from bench.servers import Measured
from scorewire.score.v1 import internal_pb2, internal_pb2_grpc
from scorewire_server.score.rules import SAMPLES, load_rules

SIZE, CALLERS, REQUESTS = 100, 4, 24
_AWARD = "INSERT INTO awards VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)"
_STANDING = """
INSERT INTO standings VALUES (?, ?, ?, ?) ON CONFLICT (board_id, user_id)
DO UPDATE SET score = score + excluded.score, reached_position = excluded.reached_position
"""


class RawSqlite:
    """The same rows into a copy of the same database, by nothing but sqlite3 and as durably."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA cache_size=-32768")
        self._board = load_rules(SAMPLES).default_board
        (self._position,) = self._connection.execute("SELECT max(position) FROM awards").fetchone()

    def write(self, request: internal_pb2.ApplyScoresRequest) -> None:
        """One transaction."""
        awards, standings = [], []
        for award in request.awards:
            self._position += 1
            user = award.user_id
            row = (self._position, award.award_id, user, award.action_type, award.points, self._board, "internal")
            awards.append((*row, award.points, 1_700_000_000_000, "ops", 0, None, bytes(32)))
            standings.append((self._board, user, award.points, self._position))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(_AWARD, awards)
        self._connection.executemany(_STANDING, standings)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Closes the database."""
        self._connection.close()


async def batches(ours: Measured, database: Path, rounds: int) -> Row:
    """Both in turn; the server with `commit_batch` at the size of a request, so that each is a transaction."""
    raw, rates, raw_rates = RawSqlite(_copy(database)), [], []
    async with ours.channel() as channel:
        apply = internal_pb2_grpc.ScoreInternalServiceStub(channel).ApplyScores
        for _ in range(rounds):
            requests = [new_awards(SIZE) for _ in range(REQUESTS)]
            started = time.perf_counter()
            for request in requests:
                raw.write(request)
            between = time.perf_counter()
            await _send(apply, requests)
            ended = time.perf_counter()
            raw_rates.append(REQUESTS * SIZE / (between - started))
            rates.append(REQUESTS * SIZE / (ended - between))
    raw.close()
    # On a shared machine others only ever slow things down.
    rate, raw_rate = (statistics.quantiles(values, n=4)[2] for values in (rates, raw_rates))
    name = f"ApplyScores by {SIZE}, {CALLERS} callers"
    return Row(name, f"{rate:,.0f} awards/s", f"sqlite3 {raw_rate:,.0f} awards/s", rate / raw_rate, 0.5, at_least=True)


async def _send(apply: Any, requests: Sequence[internal_pb2.ApplyScoresRequest]) -> None:
    left = iter(requests)

    async def caller() -> None:
        for request in left:
            await apply(request)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


def _copy(database: Path) -> Path:
    copy = database.with_name("raw.db")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy
