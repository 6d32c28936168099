"""The score server as operators have it, a process: its log, its reflection, its end."""

import json
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import (
    UpdateScoreRequest,
    WatchLeaderboardRequest,
)
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.processes import ServerProcess
from tests.refusals import refusal
from tests.running import RunningServer
from tests.waiting import until

SERVICE = "scorewire.score.v1.ScoreService"


@pytest.fixture
def process(tmp_path: Path, certs: Path, keys: Path):
    (tmp_path / "certs").symlink_to(certs)
    (tmp_path / "keys").symlink_to(keys)
    server = ServerProcess("score", tmp_path).start().wait_ready()
    yield server
    server.stop()


def lines(server: ServerProcess) -> list[dict]:
    return [json.loads(line) for line in server.log().splitlines()]


def all_kinds_of_calls(process, ticket: str, data: str) -> str:
    """A ticket redeemed twice, an award given twice, and a watch, which is over in the end; answers its token."""
    with process.channel("ops") as channel:
        scores, internal = ScoreServiceStub(channel), ScoreInternalServiceStub(channel)

        def redeem(request_id: str) -> None:
            metadata = [("authorization", f"Bearer {ticket}"), ("x-request-id", request_id)]
            scores.UpdateScore(UpdateScoreRequest(data=data), metadata=metadata)

        redeem("first")
        assert refusal(lambda: redeem("second")).reason == "TICKET_ALREADY_REDEEMED"
        internal.ApplyScore(ApplyScoreRequest(user_id="bob", points=-2, award_id="bob-1"))
        internal.ApplyScore(ApplyScoreRequest(user_id="bob", points=-2, award_id="bob-1"))
        watch = scores.WatchLeaderboard(WatchLeaderboardRequest())
        resume_token = next(watch).resume_token
        watch.cancel()
        until(lambda: '"CANCELLED"' in process.log(), "the end of the watch")
    return resume_token


def test_one_line_for_each_call_and_each_award_and_never_a_token(process, tickets):
    data = json.dumps({"actionId": uuid4().hex, "actionType": "dice.roll", "result": {"rolled": 4}})
    ticket = tickets.issue("ada", None, data)
    resume_token = all_kinds_of_calls(process, ticket, data)
    assert process.stop() == 0
    log = lines(process)
    assert {line["process"] for line in log} == {"score"}
    assert all({"event", "level", "timestamp"} <= line.keys() for line in log)

    calls = [line for line in log if line["event"] == "call"]
    told = [(line["method"].rpartition("/")[2], line["code"], line["reason"], line["user"]) for line in calls]
    assert told == [
        ("UpdateScore", "OK", None, "ada"),
        ("UpdateScore", "ALREADY_EXISTS", "TICKET_ALREADY_REDEEMED", "ada"),
        ("ApplyScore", "OK", None, "bob"),
        ("ApplyScore", "OK", None, "bob"),
        ("WatchLeaderboard", "CANCELLED", None, None),
    ]
    assert {line["caller"] for line in calls} == {"ops"}
    assert all(line["ms"] > 0 for line in calls)
    assert [line["request_id"] for line in calls[:2]] == ["first", "second"]
    assert len({line["request_id"] for line in calls}) == 5

    awards = [line for line in log if line["event"] == "award"]
    assert [(a["position"], a["user"], a["points"], a["score"], a["kind"]) for a in awards] == [
        (1, "ada", 4, 4, "ticket"),
        (2, "bob", -2, -2, "internal"),
    ]
    assert awards[1]["award_id"] == "bob-1"
    assert [award["actor"] for award in awards] == [None, "ops"]
    for secret in (ticket, *ticket.split("."), resume_token, data):
        assert secret not in process.log()
    assert [line["event"] for line in log if line["event"] not in ("call", "award")] == [
        "serving",
        "draining",
        "stopped",
    ]


def listed(channel: grpc.Channel) -> set[str]:
    """The services that reflection lists."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    (answer,) = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
    return {service.name for service in answer.list_services_response.service}


def test_reflection_lists_the_public_services_of_both_servers(grpc_server: RunningServer):
    assert listed(grpc_server.channel("gateway")) == {
        "grpc.reflection.v1alpha.ServerReflection",
        "scorewire.action.v1.ActionService",
        "scorewire.action.v1.KeyService",
        "scorewire.score.v1.ScoreService",
    }


def test_reflection_describes_what_it_lists(grpc_server: RunningServer):
    stub = reflection_pb2_grpc.ServerReflectionStub(grpc_server.channel())
    asked = reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE)
    (answer,) = stub.ServerReflectionInfo(iter([asked]))
    files = [FileDescriptorProto.FromString(each) for each in answer.file_descriptor_response.file_descriptor_proto]
    assert "scorewire/score/v1/score.proto" in {file.name for file in files}


def test_reflection_is_off_unless_it_is_switched_on(start_score):
    server = start_score(reflection=False)
    assert refusal(lambda: listed(server.channel())).code == "UNIMPLEMENTED"


def test_a_process_that_cannot_start_says_why_in_one_line(tmp_path, certs, keys):
    (tmp_path / "certs").symlink_to(certs)
    (tmp_path / "keys").symlink_to(keys)
    (tmp_path / "rules.toml").write_text("default_board = 'main'\n")
    server = ServerProcess("score", tmp_path, {"SCOREWIRE_SCORE__RULES_FILE": str(tmp_path / "rules.toml")}).start()
    assert server._process.wait(30) == 1
    said = server.log()
    assert said.startswith("scorewire: score cannot start: ")
    assert f"{tmp_path}/rules.toml: boards: Field required" in said
    assert "Traceback" not in said
