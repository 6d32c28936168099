"""The OpenAPI documents: valid, whole, and with nothing that is not for their readers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from scorewire.errors.v1.errors_pb2 import ErrorReason
from scorewire_server.gateway.contract import rpcs
from scorewire_server.gateway.document import document as served
from scorewire_server.gateway.problems import PROBLEMS
from scorewire_server.gateway.routes import (
    ACTION_SERVICE,
    INTERNAL_SERVICE,
    KEY_SERVICE,
    SCORE_SERVICE,
    SESSION_SERVICE,
)
from scorewire_server.rpc.status import CODES
from tools.openapi.errors import HTTP_STATUSES

ROOT = Path(__file__).resolve().parents[3]
FACES = {"public": [SESSION_SERVICE, ACTION_SERVICE, KEY_SERVICE, SCORE_SERVICE], "internal": [INTERNAL_SERVICE]}
DOCUMENTS = {face: json.loads((ROOT / f"generated/openapi/{face}.json").read_text()) for face in FACES}
SCHEMAS = DOCUMENTS["public"]["components"]["schemas"]

of_each_face = pytest.mark.parametrize("face", FACES)


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By the name of the RPC."""
    return {op["operationId"]: op for path in document["paths"].values() for op in path.values()}


@of_each_face
def test_it_is_valid(face):
    OpenAPIV31SpecValidator(DOCUMENTS[face]).validate()


@of_each_face
def test_it_has_every_route_and_no_other(face):
    routes = {(path, verb) for path, item in DOCUMENTS[face]["paths"].items() for verb in item}
    expected = {(rpc.template.replace("user_id", "userId"), rpc.verb.lower()) for rpc in rpcs(FACES[face])}
    assert routes == expected - {("", "")}


def test_the_public_one_says_nothing_of_what_is_internal():
    said = json.dumps(DOCUMENTS["public"]) + json.dumps(served("public", FACES["public"]))
    assert "nternal/" not in said
    assert "ApplyScore" not in said
    assert "ScoreInternalService" not in said


@of_each_face
def test_everything_is_explained(face):
    for operation in operations(DOCUMENTS[face]).values():
        assert operation["summary"]
        assert operation["description"]
        assert all(parameter["description"] for parameter in operation["parameters"])
    for name, schema in DOCUMENTS[face]["components"]["schemas"].items():
        if name.endswith(("Request", "Response")) and name != "BadRequest":
            assert schema["description"]
            assert all(field["description"] for field in schema["properties"].values())


def test_every_reason_is_documented_with_the_status_it_is_answered_with():
    answers = DOCUMENTS["public"]["components"]["responses"]
    found = {
        (name.removeprefix("Error"), reason)
        for name, answer in answers.items()
        for reason in narrowed(answer)["properties"]["reason"]["enum"]
    }
    of_servers = {(str(HTTP_STATUSES[code]), refusal.reason) for refusal, code in CODES.items()}
    of_gateway = {(str(problem.http or problem.status), problem.reason) for problem in PROBLEMS}
    # A route that is not there has no server to answer for it.
    assert found == of_servers | of_gateway | {("500", "INTERNAL")}


def narrowed(answer: dict[str, Any]) -> dict[str, Any]:
    """What the details of an answer contain."""
    _, schema = answer["content"]["application/json"]["schema"]["allOf"]
    return schema["properties"]["details"]["contains"]


def test_the_list_of_reasons_is_that_of_the_contract():
    names = [name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()]  # noqa: SIM118 - an enum of protobuf
    assert SCHEMAS["ErrorInfo"]["properties"]["reason"]["enum"] == names[1:]


@pytest.mark.parametrize(
    ("operation", "scheme"),
    [("DoAction", "session"), ("UpdateScore", "ticket"), ("GetLeaderboard", None), ("SignInAsGuest", None)],
)
def test_who_brings_which_token(operation, scheme):
    document = DOCUMENTS["public"]
    assert operations(document)[operation]["security"] == ([{scheme: []}] if scheme else [])
    assert scheme is None or document["components"]["securitySchemes"][scheme]["scheme"] == "bearer"


@pytest.mark.parametrize(
    ("message", "field", "bounds"),
    [
        pytest.param(
            "UpdateScoreRequest", "data", {"type": "string", "minLength": 1, "maxLength": 65536}, id="lengths"
        ),
        pytest.param("DoActionRequest", "requestId", {"pattern": "^[A-Za-z0-9._:@-]{1,64}$"}, id="a pattern"),
        pytest.param("UpdateScoreResponse", "scoreIncrease", {"type": "integer", "format": "int32"}, id="32 bits"),
        pytest.param("UpdateScoreResponse", "score", {"type": "string", "format": "int64"}, id="64 bits are text"),
        pytest.param("SignInAsGuestResponse", "expireTime", {"type": "string", "format": "date-time"}, id="a time"),
        pytest.param("Leaderboard", "standings", {"type": "array"}, id="many"),
    ],
)
def test_fields_have_their_types_and_rules(message, field, bounds):
    assert SCHEMAS[message]["properties"][field].items() >= bounds.items()


def test_parameters_have_their_rules():
    parameters = {each["name"]: each for each in operations(DOCUMENTS["public"])["GetLeaderboard"]["parameters"]}
    assert parameters["limit"]["schema"]["minimum"] == 1
    assert parameters["limit"]["schema"]["maximum"] == 100
    assert parameters["boardId"]["schema"]["maxLength"] == 64


@pytest.mark.parametrize(
    ("message", "required"),
    [("UpdateScoreRequest", ["data"]), ("SignInAsGuestRequest", ["displayName"]), ("DoActionRequest", None)],
)
def test_what_must_be_there_is_what_the_field_rules_miss(message, required):
    assert SCHEMAS[message].get("required") == required
    assert SCHEMAS[message]["additionalProperties"] is False


def test_without_guests_there_is_no_sign_in():
    document = served("public", [ACTION_SERVICE, SCORE_SERVICE])
    OpenAPIV31SpecValidator(document).validate()
    assert "/api/session/guest" not in document["paths"]
    assert "SessionService" not in {tag["name"] for tag in document["tags"]}


RULE = """
syntax = "proto3";
package scorewire.score.v1;
import "buf/validate/validate.proto";
message More { %s }
"""


@pytest.mark.parametrize(
    ("field", "complaint"),
    [
        pytest.param("string a = 1 [(buf.validate.field).string.email = true];", "string.email", id="a rule"),
        pytest.param("double a = 1;", "a type", id="a type"),
    ],
)
def test_what_cannot_be_told_yet_is_not_left_out_silently(tmp_path, field, complaint):
    protos = tmp_path / "protos"
    subprocess.run(["cp", "-r", ROOT / "protos", protos], check=True)
    (protos / "scorewire/score/v1/more.proto").write_text(RULE % field)
    service = protos / "scorewire/score/v1/score.proto"
    text = service.read_text().replace("rpc GetLeaderboard(GetLeaderboardRequest)", "rpc GetLeaderboard(More)", 1)
    imported = 'import "google/api/annotations.proto";'
    service.write_text(text.replace(imported, f'{imported}\nimport "scorewire/score/v1/more.proto";', 1))
    image = tmp_path / "image.binpb"
    generate = [sys.executable, ROOT / "tools/generate.py", "--protos", protos, "--image", image]
    subprocess.run(generate, check=True)
    told = subprocess.run(
        [sys.executable, "-m", "tools.openapi", image, tmp_path], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert told.returncode != 0
    assert "UnknownRule" in told.stderr
    assert complaint in told.stderr
