"""How a score server starts and ends: its health at every moment, and what keeps it from starting at all."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest
from scorewire_server.errors import StartError
from scorewire_server.storage.database import Database
from tests.awards import check_ledger
from tests.health import health_of
from tests.processes import free_ports
from tests.refusals import outcome, refusal
from tests.rpc.test_trouble import database_held, under_way
from tests.running import SECONDS, RunningServer

NAMES = ["ScoreService", "ScoreInternalService", "ScoreAdminService"]
SERVICES = ["", *(f"scorewire.score.v1.{name}" for name in NAMES)]
ADA = ApplyScoreRequest(user_id="ada", points=5, award_id="ada-1")


def health(server: RunningServer, service: str = "", identity: str = "gateway") -> str:
    stub = health_of(server.channel(identity))
    request = health_pb2.HealthCheckRequest(service=service)
    answer = stub.Check(request, wait_for_ready=True, timeout=SECONDS)
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


@pytest.mark.parametrize("identity", ["action", "score", "gateway", "ops"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_ready_server_is_serving_to_everybody(grpc_server, service, identity):
    assert health(grpc_server, service, identity) == "SERVING"


def test_a_service_that_is_not_there_has_no_health(grpc_server):
    assert refusal(lambda: health(grpc_server, "scorewire.action.v1.ActionService")).code == "NOT_FOUND"


@contextmanager
def standings_held(url: sa.URL) -> Iterator[None]:
    """Nobody can read the standings, so that no ranking can be built."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE standings IN ACCESS EXCLUSIVE MODE")
        yield
    engine.dispose()


def test_a_server_is_not_ready_before_its_ranking_is(score_settings, postgres_url, tmp_path):
    database = Database(postgres_url)
    database.migrate()
    database.close()
    (tmp_path / "url").write_text(postgres_url.render_as_string(hide_password=False))
    server = RunningServer(score_settings(port=free_ports(1)[0], database_url_file=tmp_path / "url"))
    with standings_held(postgres_url):
        server.begin_to_start()
        assert [health(server, service) for service in SERVICES] == ["NOT_SERVING"] * len(SERVICES)
        for call in (
            lambda: server.scores().GetLeaderboard(GetLeaderboardRequest()),
            lambda: server.internal().ApplyScore(ADA),
        ):
            refused = refusal(call)
            assert (refused.code, refused.reason, refused.retry_after) == ("UNAVAILABLE", "STARTING", 1.0)
        assert refusal(lambda: server.internal("score").ApplyScore(ADA)).reason == "CALLER_NOT_ALLOWED"
    server.wait_ready()
    assert health(server) == "SERVING"
    assert server.internal().ApplyScore(ADA).score == 5
    server.begin_to_stop()
    server.wait_stopped()


def test_a_draining_server_says_so_first(start_score):
    server = start_score(drain_seconds=0.2)
    stub = health_of(server.channel())
    watches = [stub.Watch(health_pb2.HealthCheckRequest(service=service)) for service in SERVICES]
    assert [next(watch).status for watch in watches] == [health_pb2.HealthCheckResponse.SERVING] * len(SERVICES)
    server.begin_to_stop()
    assert [next(watch).status for watch in watches] == [health_pb2.HealthCheckResponse.NOT_SERVING] * len(SERVICES)
    server.wait_stopped()


def test_a_call_under_way_is_answered_while_the_server_drains(start_score):
    server = start_score(drain_seconds=3600.0)
    watch = health_of(server.channel()).Watch(health_pb2.HealthCheckRequest())
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
    with database_held(server) as release:
        call = under_way(server, ADA)
        server.begin_to_stop()
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watch.cancel()
        release()
        assert call.result().score == 5
    server.wait_stopped()


def test_awards_that_wait_at_the_end_of_the_drain_are_written_before_the_database_closes(start_score):
    server = start_score(drain_seconds=0.1)
    with database_held(server) as release:
        call = under_way(server, ADA)
        server.begin_to_stop()
        assert outcome(call.result).code in ("CANCELLED", "UNAVAILABLE")
        release()
        server.wait_stopped()
    (award,) = check_ledger(f"sqlite:///{server.settings.data_dir}/score.db")
    assert award.award_id == "ada-1"


def test_a_stopped_server_has_left_its_port(start_score):
    server = start_score(port=free_ports(1)[0])
    server.begin_to_stop()
    server.wait_stopped()
    with socket.socket() as free:
        free.bind(("127.0.0.1", server.port))


BAD_STARTS = [
    pytest.param({"rules_file": "none.toml"}, "none.toml: cannot be read", id="no rules"),
    pytest.param({"ticket_jwks_file": "none.json"}, "none.json", id="no ticket keys"),
    pytest.param({"allow": {"scorewire.score.v1.Missing": ["ops"]}}, "does not serve", id="a list for no service"),
    pytest.param({"database_url": "sqlite:////no/such/folder/score.db"}, "/no/such/folder", id="no folder"),
    pytest.param({"database_url": "postgresql+psycopg:///?host=/no/such"}, "does not answer", id="no database"),
    pytest.param({"database_url": "oracle://localhost/x"}, "of the kind oracle", id="no driver"),
    pytest.param(
        {"database_url_file": Path(__file__).parents[2] / "LICENSE"},
        "the database's URL is none",
        id="no URL in its file",
    ),
    pytest.param({"database_url_file": "none.txt"}, "none.txt", id="no file of the URL"),
]


@pytest.mark.parametrize(("score", "words"), BAD_STARTS)
def test_what_keeps_a_server_from_starting_is_said(score_settings, score, words):
    with pytest.raises((StartError, OSError), match=words), RunningServer(score_settings(**score)):
        pass


@pytest.mark.parametrize(
    "url", ["postgresql://scores:secret@localhost/scores", "postgresql://localhost/scores?user=scores&password=secret"]
)
def test_a_password_belongs_in_a_file(score_settings, url):
    with pytest.raises(ValueError, match="database_url_file"):
        score_settings(database_url=url)


@pytest.mark.parametrize("port", ["port", "metrics_port"])
def test_a_port_in_use_is_named(start_score, score_settings, tmp_path, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with (
            pytest.raises(StartError, match=rf"{number}.* score\.{port} \(SCOREWIRE_SCORE__"),
            RunningServer(score_settings(**{port: number})),
        ):
            pass


def test_a_missing_certificate_is_named(score_settings, tmp_path):
    settings = score_settings().model_copy(update={"certs_dir": tmp_path / "none"})
    with pytest.raises(StartError, match="scorewire certs"), RunningServer(settings):
        pass


def test_a_second_server_on_the_same_data_does_not_start(start_score, score_settings):
    server = start_score()
    with pytest.raises(StartError, match="another score server uses"), RunningServer(score_settings()):
        pass
    assert server.internal().ApplyScore(ADA).score == 5


def test_a_database_of_a_newer_version_is_not_touched(start_score, score_settings):
    server = start_score()
    server.begin_to_stop()
    server.wait_stopped()
    newer = sa.create_engine(f"sqlite:///{server.settings.data_dir}/score.db")
    with newer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    newer.dispose()
    with pytest.raises(StartError, match="newer"), RunningServer(score_settings()):
        pass


def test_allow_lists_are_the_operators(start_score):
    server = start_score(allow={"scorewire.score.v1.ScoreInternalService": ["ops"]})
    refused = refusal(lambda: server.internal("action").ApplyScore(ADA))
    assert (refused.code, refused.reason) == ("PERMISSION_DENIED", "CALLER_NOT_ALLOWED")
    assert server.internal("ops").ApplyScore(ADA).score == 5


def test_the_list_of_a_method_counts_before_that_of_its_service(start_score):
    service = "scorewire.score.v1.ScoreInternalService"
    server = start_score(allow={service: ["ops"], f"{service}/ApplyScore": ["action"]})
    assert server.internal("action").ApplyScore(ADA).score == 5
    refused = refusal(lambda: server.internal("ops").ApplyScore(ADA))
    assert (refused.reason, refused.metadata["method"]) == ("CALLER_NOT_ALLOWED", "ApplyScore")
    assert len(server.internal("ops").ApplyScores(ApplyScoresRequest(awards=[ADA])).results) == 1


def test_reflection_has_an_allow_list_too(start_score):
    def listed(server: RunningServer, identity: str) -> object:
        stub = reflection_pb2_grpc.ServerReflectionStub(server.channel(identity))
        return next(stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")])))

    server = start_score()
    assert listed(server, "ops") == listed(server, "gateway")
    assert refusal(lambda: listed(server, "score")).reason == "CALLER_NOT_ALLOWED"


def test_health_has_an_allow_list_too(start_score):
    server = start_score(allow={"grpc.health.v1.Health/Watch": ["ops"]})
    assert health(server, identity="score") == "SERVING"
    watch = health_of(server.channel("score")).Watch(health_pb2.HealthCheckRequest())
    assert refusal(lambda: next(watch)).reason == "CALLER_NOT_ALLOWED"
