"""More calls than the gateway lets through at once: refused by it, with the reason and the time that a server says."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import httpx
import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, WatchLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire.session.v1.session_pb2 import SignInAsGuestRequest
from scorewire_server.rpc.tls import TlsFiles
from tests.e2e.grpc_web import BINARY, call
from tests.e2e.players import Player, reason
from tests.e2e.reflecting import asking_what_is_served
from tests.refusals import Told, refusal
from tests.stack import Stack
from tests.waiting import until

ONE = ("max_score_calls", "max_batch_calls", "max_action_calls", "max_watches")
SIGN_IN = "scorewire.session.v1.SessionService/SignInAsGuest"


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All three servers, and a gateway that lets one call of each kind through."""
    env = {f"SCOREWIRE_GATEWAY__{name.upper()}": "1" for name in ONE}
    actions = {"SCOREWIRE_ACTION__HANDLERS": '["tests.e2e.slow_actions"]'}
    with Stack(tmp_path_factory.mktemp("narrow"), **env, **actions) as stack:
        yield stack


@pytest.fixture
def internal(narrow: Stack) -> Iterator[ScoreInternalServiceStub]:
    """The internal service at the internal port."""
    tls = TlsFiles.of(narrow.folder / "certs", "ops").channel_credentials()
    address = f"127.0.0.1:{narrow.gateway.internal_port}"
    with grpc.secure_channel(address, tls, [("grpc.enable_retries", 0)]) as channel:
        yield ScoreInternalServiceStub(channel)


@pytest.fixture
def held(narrow: Stack) -> Iterator[Callable[[str], None]]:
    """The ledger is held, so that awards stay in progress; answers what waits until the gateway has one there."""
    holder = sqlite3.connect(narrow.folder / "score.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield lambda cluster: until(lambda: active(narrow, cluster) == 1, "a call in progress")
    holder.close()


def active(stack: Stack, cluster: str) -> int:
    """The calls of one of the gateway's clusters that are in progress, by its metrics."""
    return metric(stack, f'envoy_cluster_upstream_rq_active{{envoy_cluster_name="{cluster}"}}')


def refused(stack: Stack, listener: str) -> int:
    """The unary calls that one of the gateway's listeners has refused as too many, by its metrics."""
    name = "envoy_http_adaptive_concurrency_gradient_controller_rq_blocked"
    return metric(stack, f'{name}{{envoy_http_conn_manager_prefix="{listener}"}}')


def metric(stack: Stack, name: str) -> int:
    metrics = httpx.get(f"http://127.0.0.1:{stack.gateway.metrics_port}/metrics").text
    return next(int(line.removeprefix(name)) for line in metrics.splitlines() if line.startswith(f"{name} "))


def award(user_id: str) -> ApplyScoreRequest:
    return ApplyScoreRequest(user_id=user_id, points=5)


def check_told(told: Told) -> None:
    assert (told.code, told.reason, told.retry_after) == ("RESOURCE_EXHAUSTED", "OVERLOADED", 1)


def test_awards_on_top_are_refused(narrow: Stack, internal, held) -> None:
    before = refused(narrow, "internal")
    one = internal.ApplyScore.future(award("ada"))
    held("score-internal")
    check_told(refusal(lambda: internal.ApplyScore(award("bob"))))
    many = internal.ApplyScores.future(ApplyScoresRequest(awards=[award("eve")]))
    held("score-batch")
    check_told(refusal(lambda: internal.ApplyScores(ApplyScoresRequest(awards=[award("bob")]))))
    assert refused(narrow, "internal") == before + 2
    one.cancel()
    many.cancel()


def test_a_call_that_its_caller_gives_up_leaves_its_place_to_the_next(narrow: Stack, internal, held) -> None:
    for name in ("ada", "bob", "eve"):
        call = internal.ApplyScore.future(award(name))
        held("score-internal")
        call.cancel()
        until(lambda: active(narrow, "score-internal") == 0, "an end of the call")


@pytest.fixture
def slow(narrow: Stack, tmp_path: Path) -> Iterator[None]:
    """An action is under way that takes as long as the test."""
    with httpx.Client(base_url=narrow.url, timeout=30) as rest, ThreadPoolExecutor(1) as thread:
        player = Player.signed_in(rest)
        action = thread.submit(player.do, str(tmp_path / "end"), "slow.wait")
        until((tmp_path / "end.begun").exists, "the action")
        yield
        (tmp_path / "end").touch()
        assert action.result().status_code == httpx.codes.OK


@pytest.mark.usefixtures("slow")
def test_actions_on_top_are_refused_over_rest(narrow: Stack) -> None:
    answer = httpx.post(f"{narrow.url}/api/session/guest", json={"displayName": "Bob"})
    assert (answer.status_code, reason(answer)) == (429, "OVERLOADED")
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["details"][1]["retryDelay"] == "1s"


@pytest.mark.usefixtures("slow")
def test_actions_on_top_are_refused_over_grpc_web(narrow: Stack) -> None:
    check_told(call(narrow.url, SIGN_IN, SignInAsGuestRequest(display_name="Bob"), BINARY).refusal)


def test_watches_on_top_are_refused_and_reads_are_not(narrow: Stack) -> None:
    with grpc.insecure_channel(narrow.gateway.address, [("grpc.enable_retries", 0)]) as channel:
        scores = ScoreServiceStub(channel)
        watch = scores.WatchLeaderboard(WatchLeaderboardRequest())
        assert next(watch).HasField("leaderboard")
        check_told(refusal(lambda: next(scores.WatchLeaderboard(WatchLeaderboardRequest()))))
        assert scores.GetLeaderboard(GetLeaderboardRequest()).HasField("leaderboard")
        watch.cancel()


def test_who_asks_what_is_served_takes_no_room_of_reads(narrow: Stack) -> None:
    once = [("grpc.enable_retries", 0)]
    with asking_what_is_served(narrow.gateway.address), grpc.insecure_channel(narrow.gateway.address, once) as channel:
        assert ScoreServiceStub(channel).GetLeaderboard(GetLeaderboardRequest()).HasField("leaderboard")
