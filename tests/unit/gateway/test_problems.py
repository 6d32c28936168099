"""Envoy's own errors, as JSON and as gRPC."""

import base64

import pytest
from google.protobuf import json_format
from google.rpc import status_pb2

from scorewire.errors.v1.errors_pb2 import ErrorReason
from scorewire_server.gateway.problems import PROBLEMS, local_replies
from tests.refusals import told

MAPPERS = local_replies()["mappers"][-2 * len(PROBLEMS) :]
OF_EVENTS = local_replies()["mappers"][: -2 * len(PROBLEMS)]
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


def test_event_sources_are_told_to_come_again_when_it_is_for_a_while() -> None:
    texts = [mapper["body_format_override"]["text_format_source"]["inline_string"] for mapper in OF_EVENTS]
    assert [mapper["status_code"] for mapper in OF_EVENTS] == [200, 200]
    for text, reason in zip(texts, ("OVERLOADED", "UPSTREAM_UNAVAILABLE"), strict=True):
        assert text.startswith(f"retry: 1%START_TIME(%3f)%\n\n: {reason}: ")
        assert text.endswith("\n\n")


def test_no_message_has_what_a_header_or_a_format_cannot() -> None:
    for problem in PROBLEMS:
        assert problem.message.isascii()
        assert "%" not in problem.message
