"""A score server in trouble: what it tells its callers, and that awards still count once or not at all."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, GetStandingRequest, WatchLeaderboardRequest
from scorewire_server.score.committer import METERS
from tests.awards import check_ledger
from tests.refusals import refusal
from tests.running import RunningServer
from tests.waiting import until

ADA = ApplyScoreRequest(user_id="ada", points=5, award_id="ada-1")
BOB = ApplyScoreRequest(user_id="bob", points=7, award_id="bob-1")


def sqlite_url(server: RunningServer) -> str:
    return f"sqlite:///{server.settings.data_dir}/score.db"


@contextmanager
def database_held(server: RunningServer) -> Iterator[Callable[[], None]]:
    """Another program writes to the database, so that no award can be, until it is released."""
    with file_held(server.settings.data_dir / "score.db") as release:
        yield release


@contextmanager
def file_held(database: Path) -> Iterator[Callable[[], None]]:
    """Another program writes to a database of SQLite, until it is released."""
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield lambda: holder.execute("ROLLBACK")
    finally:
        holder.close()


def under_way(server: RunningServer, request: ApplyScoreRequest, **options: float):
    """A call whose award waits for the database."""
    waiting = METERS.depth._value.get()
    call = server.internal().ApplyScore.future(request, **options)
    until(lambda: METERS.depth._value.get() > waiting, "the award in the queue")
    return call


def test_overloaded(start_score):
    server = start_score(commit_queue=1)
    with database_held(server) as release:
        first = under_way(server, ADA)
        refused = refusal(lambda: server.internal().ApplyScore(BOB))
        assert (refused.code, refused.reason, refused.retry_after) == ("RESOURCE_EXHAUSTED", "OVERLOADED", 0.5)
        release()
        assert first.result().score == 5
    assert server.internal().ApplyScore(BOB).score == 7
    assert [award.user_id for award in check_ledger(sqlite_url(server))] == ["ada", "bob"]


def test_the_servers_own_deadline_ends_calls_and_no_watches(start_score):
    server = start_score(default_deadline_seconds=0.2)
    watch = server.scores().WatchLeaderboard(WatchLeaderboardRequest(whole_boards=True))
    assert next(watch).leaderboard.total_users == 0
    with database_held(server) as release:
        refused = refusal(lambda: server.internal().ApplyScore(ADA))
        assert (refused.code, refused.reason) == ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")
        release()
    # What the call has begun is done all the same, as the refusal says, and repeating it changes nothing.
    assert next(message for message in watch if message.leaderboard.total_users).leaderboard.revision == 1
    assert server.internal().ApplyScore(ADA).revision == 1
    watch.cancel()
    assert len(check_ledger(sqlite_url(server))) == 1


@pytest.mark.parametrize("ends", ["its deadline", "a cancellation"])
def test_an_award_whose_caller_has_gone_counts_once(start_score, ends):
    server = start_score()
    with database_held(server) as release:
        if ends == "its deadline":
            assert refusal(under_way(server, ADA, timeout=0.5).result).code == "DEADLINE_EXCEEDED"
        else:
            under_way(server, ADA).cancel()
        release()
    assert server.internal().ApplyScore(ADA).revision == 1
    assert len(check_ledger(sqlite_url(server))) == 1


def test_a_database_that_others_hold_too_long(start_score, monkeypatch):
    monkeypatch.setattr("scorewire_server.storage.database._PRAGMAS", ("PRAGMA busy_timeout=1",))
    server = start_score()
    with database_held(server), capture_logs() as logs:
        for _ in range(3):
            refused = refusal(lambda: server.internal().ApplyScore(ADA))
            assert (refused.code, refused.reason, refused.retry_after) == ("UNAVAILABLE", "STORAGE_UNAVAILABLE", 1.0)
        board = server.scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard
        assert (board.revision, board.total_users) == (0, 0)
    (failing,) = [line for line in logs if line["log_level"] == "error"]
    assert (failing["event"], failing["problem"]) == ("the database takes no awards", "database is locked")
    with capture_logs() as logs:
        assert server.internal().ApplyScore(ADA).score == 5
    assert "the database takes awards again" in [line["event"] for line in logs]
    assert len(check_ledger(sqlite_url(server))) == 1


def test_a_postgresql_that_goes_and_comes_back(start_score, postgres, postgres_url, tmp_path):
    url_file = tmp_path / "url"
    url_file.write_text(postgres_url.render_as_string(hide_password=False))
    server = start_score(database_url_file=url_file)
    server.internal().ApplyScore(BOB)
    administrator = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:

        def allow_connections(allowed: bool) -> None:
            connection.exec_driver_sql(f"ALTER DATABASE {postgres_url.database} ALLOW_CONNECTIONS {allowed}")

        allow_connections(False)
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %(name)s",
            {"name": postgres_url.database},
        )
        refused = refusal(lambda: server.internal().ApplyScore(ADA))
        assert (refused.code, refused.reason, refused.retry_after) == ("UNAVAILABLE", "STORAGE_UNAVAILABLE", 1.0)
        assert server.scores().GetStanding(GetStandingRequest(user_id="bob")).standing.score == 7
        allow_connections(True)
    administrator.dispose()
    assert server.internal().ApplyScore(ADA).revision == 2
    assert len(check_ledger(postgres_url)) == 2


def test_a_fault_shows_an_id_and_nothing_else(start_score):
    server = start_score()
    beside = sqlite3.connect(server.settings.data_dir / "score.db")
    columns = "position, award_id, user_id, action_type, points, boards, kind, score, awarded_at, quarantined, hash"
    beside.execute(
        f"INSERT INTO awards ({columns}) VALUES (1, 'alien', 'eve', 'x', 1, 'main', 'internal', 1, 1, false, x'00')"
    )
    beside.commit()
    beside.close()
    with capture_logs() as logs:
        refused = refusal(lambda: server.internal().ApplyScore(ADA))
    assert (refused.code, refused.reason, list(refused.metadata)) == ("INTERNAL", "INTERNAL", ["errorId"])
    assert "UNIQUE" not in refused.message
    assert refused.metadata["errorId"] in [line.get("error_id") for line in logs if line["event"] == "call failed"]
