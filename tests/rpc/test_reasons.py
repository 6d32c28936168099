"""Reasons, exceptions and codes are one and the same list, and a test reaches each of them."""

import re
from pathlib import Path

import pytest

from scorewire.errors.v1.errors_pb2 import DESCRIPTOR
from scorewire_server import errors
from scorewire_server.errors import Refusal
from scorewire_server.rpc.status import CODES

PROTO = Path(__file__).parents[2] / "protos" / DESCRIPTOR.name
TESTS = Path(__file__).parents[1]
CALLING = ("rpc", "security", "e2e")
NAMES = DESCRIPTOR.enum_types_by_name["ErrorReason"].values_by_name
REASONS = {name.removeprefix("ERROR_REASON_") for name in NAMES} - {"UNSPECIFIED"}
WITHOUT_EXCEPTION = {
    "ROUTE_UNKNOWN",  # the gateway's own
    "INTERNAL",  # whatever has no exception of ours
}
RAISED = {each.reason: each for each in Refusal.__subclasses__()}


def test_reasons_and_exceptions_are_one_to_one():
    assert set(RAISED) == REASONS - WITHOUT_EXCEPTION
    assert all(getattr(errors, kind.__name__) is kind for kind in RAISED.values())


def test_every_exception_has_a_code():
    assert CODES.keys() == set(RAISED.values())


def documented() -> dict[str, str]:
    """The code that the comment of each reason begins with."""
    entry = re.compile(r"// ([A-Z_]+)(?:, from the gateway)?: (?:[^\n]|\n  //)*\n  ERROR_REASON_([A-Z_]+) =")
    return {reason: code for code, reason in entry.findall(PROTO.read_text())}


def test_the_proto_names_the_code_of_each_reason():
    told = documented()
    assert told.keys() == REASONS
    assert {reason: CODES[kind].name for reason, kind in RAISED.items()} | {
        "ROUTE_UNKNOWN": "NOT_FOUND",
        "INTERNAL": "INTERNAL",
    } == told


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_each_reason_is_expected_by_a_test(reason):
    """A test that expects a reason names it; those that call a real server are in rpc, security and e2e."""
    calling = [*TESTS.glob("*.py"), *(path for folder in CALLING for path in (TESTS / folder).glob("test_*.py"))]
    expecting = [path.name for path in calling if path != Path(__file__) and f'"{reason}"' in path.read_text()]
    assert expecting, f"no test in rpc, security or e2e expects {reason}"


def test_waiting_is_advised_where_it_helps_and_nowhere_else():
    advised = {reason for reason, kind in RAISED.items() if kind.retry_after is not None}
    assert advised == {
        "ACTION_UNDER_WAY",
        "OVERLOADED",
        "RATE_LIMITED",
        "TOO_MANY_WATCHES",
        "WATCH_STALLED",
        "STORAGE_UNAVAILABLE",
        "UPSTREAM_UNAVAILABLE",
        "STARTING",
        "DRAINING",
        "BOARD_REBUILT",
        "COOLDOWN",
        "CAP_REACHED",
        "TOO_SOON_AFTER_SIGN_IN",
    }
