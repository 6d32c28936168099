"""Every queue has a bound: what comes on top is refused, what is inside is answered, and health goes on."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from structlog.testing import capture_logs

from scorewire.score.v1.admin_pb2 import RebuildStandingsRequest
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, WatchLeaderboardRequest
from scorewire_server.action import recorder
from scorewire_server.clock import system_clock
from scorewire_server.score import committer
from scorewire_server.settings import Settings
from tests.health import health_of
from tests.pair import refusal, running_actions, running_scores
from tests.refusals import Told, outcome
from tests.refusals import refusal as refusal_of
from tests.rpc import trial_actions
from tests.rpc.test_trouble import ADA, BOB, database_held, file_held, under_way
from tests.rpc.trials import prepare_trials
from tests.running import RunningServer
from tests.waiting import becomes, comes, until

OVERLOADED = ("RESOURCE_EXHAUSTED", "OVERLOADED", 0.5)


def told(refused: Told) -> tuple[str, str | None, float | None]:
    return refused.code, refused.reason, refused.retry_after


# The score server


@pytest.fixture
def full(start_score: Callable[..., RunningServer]) -> Iterator[RunningServer]:
    """A server with as many calls in progress as it takes, which is one."""
    server = start_score(max_calls_in_progress=1)
    with database_held(server) as release:
        first = under_way(server, ADA)
        yield server
        release()
        assert first.result().score == 5


def test_a_call_on_top_is_refused_unseen(full):
    with capture_logs() as logs:
        assert told(refusal_of(lambda: full.internal().ApplyScore(BOB))) == OVERLOADED
        unseen = full.channel("gateway").unary_unary("/scorewire.score.v1.ScoreInternalService/ApplyScore")
        assert told(refusal_of(lambda: unseen(b"\xff"))) == OVERLOADED
        assert told(refusal_of(lambda: full.scores().GetLeaderboard(GetLeaderboardRequest()))) == OVERLOADED
        until(lambda: any(line["event"] == "calls refused" for line in logs), "a line in the log")
    assert sum(line["refused"] for line in logs if line["event"] == "calls refused") <= 3
    assert not [line for line in logs if line["event"] == "call"]


def test_health_the_operator_and_watches_get_through(full):
    health = health_of(full.channel("gateway")).Check(HealthCheckRequest())
    assert health.status == HealthCheckResponse.SERVING
    watch = full.scores("gateway").WatchLeaderboard(WatchLeaderboardRequest())
    assert next(watch).leaderboard.total_users == 0
    watch.cancel()
    rebuilding = full.admin("gateway").RebuildStandings(RebuildStandingsRequest())
    assert refusal_of(lambda: next(rebuilding)).reason == "CALLER_NOT_ALLOWED"  # so it was looked at


def test_calls_are_taken_again_when_others_have_ended(start_score):
    server = start_score(max_calls_in_progress=1)
    for number in range(1, 20):
        assert server.internal().ApplyScore(ApplyScoreRequest(user_id="ada", points=1)).score == number


def test_a_watch_on_top_is_refused(start_score):
    server = start_score(max_watches=2)
    watches = [server.scores().WatchLeaderboard(WatchLeaderboardRequest()) for _ in range(2)]
    for watch in watches:
        assert next(watch).leaderboard.total_users == 0
    third = server.scores().WatchLeaderboard(WatchLeaderboardRequest())
    assert told(refusal_of(lambda: next(third))) == ("RESOURCE_EXHAUSTED", "TOO_MANY_WATCHES", 5.0)
    watches[0].cancel()

    def is_taken() -> bool:
        watch = server.scores().WatchLeaderboard(WatchLeaderboardRequest())
        return outcome(lambda: next(watch)) is None

    until(is_taken, "the place of a watch that has ended")


# The action server


def settings_of(folder, certs, **action: object) -> Settings:
    return prepare_trials(folder, certs, guests=True, **action)


@pytest.fixture
def gate(monkeypatch) -> asyncio.Event:
    """Shut, until it is opened; of the test's own loop."""
    monkeypatch.setattr(trial_actions, "GATE", asyncio.Event())
    return trial_actions.GATE


async def test_a_call_on_top_is_refused_by_the_action_server(tmp_path, certs, gate):
    settings = settings_of(tmp_path, certs, max_calls_in_progress=1)
    async with running_actions(settings, system_clock, score_port=1) as actions:
        guest = await actions.sign_in()
        first = asyncio.ensure_future(actions.do(guest.token, "trial.gate", 1, request_id="r1"))
        await becomes(lambda: trial_actions.RUNS[guest.user_id, 1], "the first action")
        assert told(await refusal(actions.sign_in())) == OVERLOADED
        gate.set()
        assert (await first).score_pending


async def test_actions_count_whose_callers_have_gone(tmp_path, certs, gate):
    settings = settings_of(tmp_path, certs, max_actions_in_progress=1)
    async with running_actions(settings, system_clock, score_port=1) as actions:
        guest = await actions.sign_in()
        assert (await refusal(actions.do(guest.token, "trial.gate", 1, timeout=0.5))).code == "DEADLINE_EXCEEDED"
        assert told(await refusal(actions.do(guest.token, "trial.gate", 2))) == OVERLOADED
        assert trial_actions.RUNS[guest.user_id, 2] == 0
        gate.set()

        async def taken() -> bool:
            with suppress(Exception):
                return bool(await actions.do(guest.token, "trial.echo", 3))
            return False

        await comes(taken, "room for an action")


async def test_the_journal_takes_no_more_than_may_wait_for_it(tmp_path, certs):
    settings = settings_of(tmp_path, certs, commit_queue=1)
    async with running_actions(settings, system_clock, score_port=1) as actions:
        guest = await actions.sign_in()
        with file_held(tmp_path / "action.db") as release:
            first = asyncio.ensure_future(actions.do(guest.token, "trial.earn", 1, request_id="r1"))
            await becomes(recorder.METERS.depth._value.get, "the first action in the queue")
            assert told(await refusal(actions.do(guest.token, "trial.earn", 2, request_id="r2"))) == OVERLOADED
            release()
        assert (await first).score_pending
        assert trial_actions.RUNS[guest.user_id, 2] == 0


async def test_an_award_that_finds_no_room_is_left_to_the_relay(tmp_path, certs):
    settings = settings_of(tmp_path, certs, delivery_queue=1)
    async with (
        running_scores(settings, system_clock) as scores,
        running_actions(settings, system_clock, scores.server.port) as actions,
    ):
        guest = await actions.sign_in()
        with file_held(tmp_path / "score.db") as release:
            first = asyncio.ensure_future(actions.do(guest.token, "trial.earn", 1, request_id="r1"))
            await becomes(committer.METERS.depth._value.get, "the first award at the score server")
            second = await actions.do(guest.token, "trial.earn", 2, request_id="r2")
            assert (second.score_pending, second.HasField("score")) == (True, False)
            release()
        assert (await first).score == 1

        async def delivered() -> bool:
            return (await actions.do(guest.token, "trial.earn", 2, request_id="r2")).score == 3

        await comes(delivered, "the second award")
