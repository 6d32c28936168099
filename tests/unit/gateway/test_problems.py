"""Envoy's own errors, as JSON and as gRPC."""

import base64

import pytest
from google.protobuf import json_format
from google.rpc import status_pb2

from scorewire.errors.v1.errors_pb2 import ErrorReason
from scorewire_server.gateway.problems import PROBLEMS, local_replies
from tests.refusals import told

MAPPERS = local_replies()["mappers"]
CASES = [
    pytest.param(
        problem, MAPPERS[2 * number], MAPPERS[2 * number + 1], id=f"{problem.status} {problem.flag or ''}".strip()
    )
    for number, problem in enumerate(PROBLEMS)
]


@pytest.mark.parametrize(("problem", "over_grpc", "over_rest"), CASES)
def test_both_tell_the_same_reason(problem, over_grpc, over_rest) -> None:
    headers = {each["header"]["key"]: each["header"]["value"] for each in over_grpc["headers_to_add"]}
    details = headers["grpc-status-details-bin"]
    grpc_status = status_pb2.Status.FromString(base64.b64decode(details + "=" * (-len(details) % 4)))
    json_status = json_format.ParseDict(over_rest["body_format_override"]["json_format"], status_pb2.Status())
    assert headers["grpc-status"] == str(grpc_status.code)
    assert headers["grpc-message"] == grpc_status.message
    assert told(grpc_status).reason == told(json_status).reason == problem.reason
    assert told(grpc_status).retry_after == told(json_status).retry_after


@pytest.mark.parametrize(("problem", "over_grpc", "over_rest"), CASES)
def test_every_reason_is_of_the_contract(problem, over_grpc, over_rest) -> None:
    assert ErrorReason.Value(f"ERROR_REASON_{problem.reason}")


def test_no_message_has_what_a_header_or_a_format_cannot() -> None:
    for problem in PROBLEMS:
        assert problem.message.isascii()
        assert "%" not in problem.message
