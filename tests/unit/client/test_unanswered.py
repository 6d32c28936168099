"""What is told of a call that reached nobody: the cause, and not the way to it."""

import pytest

from scorewire_client.unanswered import cause

LAST = "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: "
LOOKUP = "errors resolving no.invalid:1: [field:hostname lookup error:address lookup failed for no.invalid:1: "


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        pytest.param(f"{LAST}Failed to connect to remote host: Connection refused", "Connection refused", id="refused"),
        pytest.param(f"{LAST}connect: Connection refused (111)", "Connection refused", id="with its number"),
        pytest.param(f"{LAST}Hostname Verification Check failed.", "Hostname Verification Check failed", id="sentence"),
        pytest.param(f"{LOOKUP}Domain name not found]", "Domain name not found", id="name"),
        pytest.param("Socket closed", "Socket closed", id="short"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_the_cause_stands_alone(details: str, expected: str):
    assert cause(details) == expected
