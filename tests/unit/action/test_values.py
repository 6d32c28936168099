"""From the JSON value of a request to plain Python."""

import json
import math

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Value

from scorewire_server.action.values import plain
from scorewire_server.errors import InvalidField


@pytest.mark.parametrize(
    "text",
    ["null", "true", '"text"', "1", "-7", "0.5", "9007199254740992", "[]", "{}", '{"a": [1, {"b": null}], "ü": "\\n"}'],
)
def test_json_values_come_as_json_reads_them(text):
    value = plain(json_format.Parse(text, Value()))
    assert value == json.loads(text)
    assert type(value) is type(json.loads(text))


def test_absent_is_null():
    assert plain(Value()) is None


def test_numbers_that_a_double_does_not_hold_exactly_stay_doubles():
    assert type(plain(Value(number_value=1e300))) is float


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf], ids=str)
def test_what_is_no_json_is_refused(number):
    value = Value()
    value.list_value.values.add(number_value=number)
    with pytest.raises(InvalidField) as refused:
        plain(value)
    assert set(refused.value.fields) == {"some"}
