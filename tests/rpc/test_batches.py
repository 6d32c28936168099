"""Batches under pressure: how many are let in while nothing can be written, and what gets past them."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest
from scorewire_server.score.committer import METERS
from tests.awards import check_ledger
from tests.health import health_of
from tests.refusals import refusal
from tests.rpc.test_bounds import OVERLOADED, told
from tests.rpc.test_trouble import ADA, BOB, database_held, sqlite_url, under_way
from tests.running import RunningServer
from tests.waiting import until


def batch(number: int, size: int) -> ApplyScoresRequest:
    """As many awards as `size`, with ids of their own."""
    ids = (f"{number}-{each}" for each in range(size))
    return ApplyScoresRequest(awards=[ApplyScoreRequest(user_id="eve", points=1, award_id=each) for each in ids])


def begun(server: RunningServer, number: int, size: int) -> Any:
    """A batch whose awards wait for the database."""
    waiting = METERS.depth._value.get()
    call = server.internal().ApplyScores.future(batch(number, size))
    until(lambda: METERS.depth._value.get() == waiting + size, "the batch in the queue")
    return call


def ids_in(calls: Sequence[Any]) -> list[str]:
    return [each.applied.award_id for call in calls for each in call.result().results]


@pytest.fixture
def held(start_score) -> Iterator[tuple[RunningServer, Any]]:
    """A server with room for ten awards that cannot write any, and what lets it."""
    server = start_score(commit_queue=10)
    with database_held(server) as release:
        yield server, release


def test_of_many_batches_at_once_as_many_are_let_in_as_there_is_room_for(start_score):
    server = start_score(commit_queue=1000)
    with database_held(server) as release:
        calls = [server.internal().ApplyScores.future(batch(number, 100)) for number in range(30)]
        until(lambda: sum(call.done() for call in calls) == 21, "the refusals")
        refused = [call for call in calls if call.done()]
        assert {told(refusal(call.result)) for call in refused} == {OVERLOADED}
        assert METERS.depth._value.get() <= 900
        release()
        written = ids_in([call for call in calls if call not in refused])
    assert len(written) == len(set(written)) == 900
    assert sorted(award.award_id for award in check_ledger(sqlite_url(server))) == sorted(written)


def test_awards_that_come_alone_get_past_batches(held):
    server, release = held
    batches = [begun(server, 1, 5), begun(server, 2, 4)]
    assert told(refusal(lambda: server.internal().ApplyScores(batch(3, 1)))) == OVERLOADED
    alone = under_way(server, ADA)
    assert told(refusal(lambda: server.internal().ApplyScore(BOB))) == OVERLOADED
    release()
    assert len(ids_in(batches)) == 9
    assert alone.result().score == 5
    assert len(check_ledger(sqlite_url(server))) == 10


def test_reads_and_health_get_past_batches(held):
    server, release = held
    waiting = begun(server, 1, 9)
    assert server.scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard.total_users == 0
    health = health_of(server.channel("gateway")).Check(HealthCheckRequest())
    assert health.status == HealthCheckResponse.SERVING
    release()
    assert len(ids_in([waiting])) == 9


def test_a_batch_that_does_not_fit_is_refused_and_a_smaller_one_is_not(held):
    server, release = held
    waiting = begun(server, 1, 5)
    assert told(refusal(lambda: server.internal().ApplyScores(batch(2, 5)))) == OVERLOADED
    smaller = begun(server, 3, 4)
    release()
    assert len(ids_in([waiting, smaller])) == 9


def test_without_room_a_batch_is_refused_before_it_is_read(held):
    server, release = held
    unread = server.channel("action").unary_unary("/scorewire.score.v1.ScoreInternalService/ApplyScores")
    assert refusal(lambda: unread(b"no message")).reason == "REQUEST_MALFORMED"
    waiting = begun(server, 1, 9)
    assert told(refusal(lambda: unread(b"no message"))) == OVERLOADED
    release()
    waiting.result()


def test_the_largest_batch_is_taken_where_nothing_waits(start_score):
    server = start_score(commit_queue=1)
    written = server.internal().ApplyScores(batch(1, 1000))
    assert [each.applied.score for each in written.results] == list(range(1, 1001))
    assert len(check_ledger(sqlite_url(server))) == 1000


def test_a_batch_whose_caller_has_gone_keeps_no_room(held):
    server, release = held
    gone = begun(server, 1, 9)
    gone.cancel()
    release()
    until(lambda: METERS.depth._value.get() == 0, "the batch in the ledger")
    assert len(server.internal().ApplyScores(batch(2, 9)).results) == 9
