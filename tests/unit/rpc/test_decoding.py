"""Bytes of any kind become a request or a refusal, and never an exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorewire.score.v1.score_pb2 import GetStandingRequest
from scorewire_server.rpc.decoding import Unfit, decoder, encode
from scorewire_server.rpc.field_rules import broken_rules

LIMIT = 100
decode = decoder(GetStandingRequest.FromString, LIMIT, broken_rules)


@given(st.binary(max_size=150))
def test_any_bytes(data):
    decoded = decode(data)
    if len(data) > LIMIT:
        assert decoded.refusal.reason == "MESSAGE_TOO_LARGE"
    elif isinstance(decoded, Unfit):
        assert decoded.refusal.reason in {"REQUEST_MALFORMED", "INVALID_FIELD"}
    else:
        assert isinstance(decoded, GetStandingRequest)


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_the_limit_is_to_the_byte(size):
    request = GetStandingRequest(user_id="u" * 64, board_id="b" * (size - 68)).SerializeToString()
    assert len(request) == size
    assert isinstance(decode(request), Unfit) == (size > LIMIT)


def test_a_small_request_that_was_taken_is_not_read_again():
    read = []

    def from_bytes(data):
        read.append(data)
        return GetStandingRequest.FromString(data)

    decode = decoder(from_bytes, LIMIT, broken_rules)
    asked = GetStandingRequest(user_id="ada").SerializeToString()
    assert decode(asked) is decode(asked)
    assert read == [asked]


def test_a_request_that_breaks_a_rule_is_refused_each_time_it_comes():
    asked = GetStandingRequest(user_id="not an id").SerializeToString()
    first, second = decode(asked).refusal, decode(asked).refusal
    assert (first.reason, first.fields.keys()) == ("INVALID_FIELD", {"user_id"})
    assert first is not second


def test_answers_may_be_bytes_already():
    answer = GetStandingRequest(user_id="ada")
    assert encode(answer) == encode(answer.SerializeToString()) == answer.SerializeToString()
