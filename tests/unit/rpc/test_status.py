"""A refusal as its caller gets it."""

import pytest

from scorewire_server.errors import InvalidField, Overloaded, Refusal, StandingNotFound
from scorewire_server.rpc.status import CODES, internal_status, status_of
from tests.refusals import Told, told


def test_a_refusal_with_metadata():
    refusal = StandingNotFound("ada has none", userId="ada", rank=7)
    metadata = {"userId": "ada", "rank": "7"}
    assert told(status_of(refusal)) == Told("NOT_FOUND", "STANDING_NOT_FOUND", "ada has none", metadata)


def test_fields_become_violations():
    refusal = InvalidField("mend them", fields={"user_id": "is empty", "awards[3].points": "is missing"})
    assert told(status_of(refusal)).fields == {"user_id": "is empty", "awards[3].points": "is missing"}


def test_waiting_is_advised_in_seconds():
    assert told(status_of(Overloaded("full"))).retry_after == Overloaded.retry_after == 0.5
    assert told(status_of(StandingNotFound("none"))).retry_after is None


def test_a_fault_of_the_server_shows_an_id_alone():
    assert told(internal_status("42")) == Told(
        "INTERNAL", "INTERNAL", "a fault of the server; its log has it as error 42", {"errorId": "42"}
    )


@pytest.mark.parametrize("kind", list(CODES), ids=lambda kind: kind.reason)
def test_each_refusal_says_its_reason_and_code(kind: type[Refusal]):
    shown = told(status_of(kind("words")))
    assert (shown.code, shown.reason, shown.message) == (CODES[kind].name, kind.reason, "words")
