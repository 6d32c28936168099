"""What operators measure: the metrics of each server as a process, and that they are there before anything happens."""

from itertools import product
from pathlib import Path

import httpx
import pytest
from grpc import StatusCode
from grpc_health.v1 import health_pb2
from prometheus_client.parser import text_string_to_metric_families

from scorewire.errors.v1.errors_pb2 import ErrorReason
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, GetStandingRequest, WatchLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.detection.signals import SIGNALS
from scorewire_server.rpc.status import REASONS
from tests.health import health_of
from tests.processes import ServerProcess
from tests.refusals import refusal
from tests.waiting import until

SERVICE = "scorewire.score.v1.ScoreService"


@pytest.fixture
def start(tmp_path: Path, certs: Path, keys: Path):
    (tmp_path / "certs").symlink_to(certs)
    (tmp_path / "keys").symlink_to(keys)
    started = []

    def start(name: str) -> ServerProcess:
        started.append(ServerProcess(name, tmp_path).start().wait_ready())
        return started[-1]

    yield start
    for server in started:
        server.stop()


class Scrape:
    """The metrics as they are at one moment."""

    def __init__(self, metrics_port: int) -> None:
        text = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics").raise_for_status().text
        self._samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The one sample of that name with exactly these labels."""
        (value,) = [sample.value for sample in self._samples if (sample.name, sample.labels) == (name, labels)]
        return value

    def zeros(self, name: str, *labels: str) -> set:
        """The values of these labels in the samples of that name, which are all 0; those of a single label as texts."""
        samples = [sample for sample in self._samples if sample.name == name]
        assert {sample.value for sample in samples} == {0}
        found = {tuple(sample.labels[label] for label in labels) for sample in samples}
        return found if len(labels) > 1 else {value for (value,) in found}

    def calls(self, name: str, method: str, kind: str = "unary", **code: str) -> float:
        """The sample of a method of the service, under go-grpc-prometheus's labels."""
        service = "grpc.health.v1.Health" if method == "Check" else SERVICE
        labels = {"grpc_type": kind, "grpc_service": service, "grpc_method": method}
        return self.value(f"grpc_server_{name}", **labels, **code)


def test_what_happens_is_counted(start):
    process = start("score")
    with process.channel("ops") as channel:
        scores, internal = ScoreServiceStub(channel), ScoreInternalServiceStub(channel)
        for number in range(3):
            internal.ApplyScore(ApplyScoreRequest(user_id="ada", points=number - 1))
        scores.GetLeaderboard(GetLeaderboardRequest())
        refusal(lambda: scores.GetStanding(GetStandingRequest(user_id="nobody")))
        refusal(lambda: channel.unary_unary(f"/{SERVICE}/GetStanding")(b"\xff"))
        refusal(lambda: health_of(channel).Check(health_pb2.HealthCheckRequest(service="missing")))
        watch = scores.WatchLeaderboard(WatchLeaderboardRequest())
        next(watch)
        assert Scrape(process.metrics_port).value("scorewire_watchers") == 1
        watch.cancel()
        until(lambda: Scrape(process.metrics_port).value("scorewire_watchers") == 0, "no watcher")
    now = Scrape(process.metrics_port)
    assert now.calls("started_total", "GetStanding") == 2
    assert now.calls("handled_total", "GetStanding", grpc_code="NOT_FOUND") == 1
    assert now.calls("handled_total", "GetStanding", grpc_code="INVALID_ARGUMENT") == 1
    assert now.calls("handled_total", "GetLeaderboard", grpc_code="OK") == 1
    assert now.calls("handled_total", "Check", grpc_code="NOT_FOUND") == 1
    assert now.calls("handled_total", "WatchLeaderboard", "server_stream", grpc_code="CANCELLED") == 1
    assert now.calls("msg_received_total", "GetLeaderboard") == 1
    assert now.calls("msg_sent_total", "GetLeaderboard") == 1
    assert now.calls("msg_sent_total", "WatchLeaderboard", "server_stream") == 1
    assert now.calls("handling_seconds_count", "GetLeaderboard") == 1
    assert now.calls("handling_seconds_sum", "GetLeaderboard") > 0
    assert now.value("scorewire_refusals_total", reason="STANDING_NOT_FOUND") == 1
    assert now.value("scorewire_refusals_total", reason="REQUEST_MALFORMED") == 1
    assert now.value("scorewire_awards_total", kind="internal") == 3
    assert now.value("scorewire_award_points_total", kind="internal", sign="negative") == 1
    assert now.value("scorewire_award_points_total", kind="internal", sign="positive") == 1
    assert now.value("scorewire_committer_depth") == 0
    assert now.value("scorewire_committer_batch_size_sum") == 3


def test_the_score_server_counts_from_zero(start):
    scrape = Scrape(start("score").metrics_port)
    assert scrape.zeros("scorewire_refusals_total", "reason") == set(REASONS)
    assert scrape.zeros("scorewire_audit_events_total", "event") == {"USER_BLOCKED", *SIGNALS}
    assert scrape.zeros("scorewire_detection_signals_total", "signal") == set(SIGNALS)
    assert scrape.zeros("scorewire_detection_decisions_total", "decision") == {"quarantine", "block"}
    assert scrape.zeros("scorewire_awards_total", "kind") == {"ticket", "internal", "adjustment", "void"}
    limited = scrape.zeros("scorewire_rate_limited_total", "method")
    assert {f"{SERVICE}/GetLeaderboard", f"{SERVICE}/UpdateScore"} <= limited
    assert {scrape.calls("handled_total", "UpdateScore", grpc_code=code.name) for code in StatusCode} == {0}


def test_the_action_server_counts_from_zero(start):
    scrape = Scrape(start("action").metrics_port)
    assert scrape.zeros("scorewire_relay_attempts_total", "outcome") == {"delivered", "refused", "failed"}
    assert {"POINTS_OUT_OF_BOUNDS", "USER_BLOCKED"} <= scrape.zeros("scorewire_awards_refused_total", "reason")
    outcomes = ("earned", "nothing", "refused", "failed", "repeated")
    counted = scrape.zeros("scorewire_actions_total", "action_type", "outcome")
    assert counted == set(product(("dice.roll", "quiz.answer"), outcomes))


def test_every_reason_that_a_server_gives_is_of_the_contract():
    assert set(REASONS) <= {name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()}  # noqa: SIM118
