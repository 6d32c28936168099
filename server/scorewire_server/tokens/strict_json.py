"""JSON that everybody reads alike: UTF-8, no name twice in one object, and numbers that are numbers."""

import json
from typing import Any, NoReturn


def read_json(text: bytes) -> Any:
    """What the text says. Raises ValueError, also where it is nested too deep."""
    try:
        return json.loads(text.decode(), object_pairs_hook=_each_once, parse_constant=_no_number)
    except RecursionError as deep:
        raise ValueError("nested too deep") from deep


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(members)
    if len(read) < len(members):
        raise ValueError("a name stands twice in one object")
    return read


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
