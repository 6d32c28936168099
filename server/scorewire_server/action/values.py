"""From the JSON value of a request to plain Python."""

import math
from typing import Any

from google.protobuf.struct_pb2 import Value

from scorewire_server.errors import InvalidField

_EXACT = 2**53


def plain(value: Value) -> Any:
    """The value as `json.loads` would give it; whole numbers are `int` as far as a double holds them exactly.

    Raises InvalidField for infinities and NaN, which are no JSON.
    """
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {name: plain(member) for name, member in value.struct_value.fields.items()}
    if kind == "list_value":
        return [plain(item) for item in value.list_value.values]
    if kind == "number_value":
        return _number(value.number_value)
    return None if kind in (None, "null_value") else getattr(value, kind)


def _number(number: float) -> int | float:
    if not math.isfinite(number):
        raise InvalidField("some is no JSON value: a number in it is not finite", fields={"some": "must be JSON"})
    return int(number) if number.is_integer() and abs(number) <= _EXACT else number
