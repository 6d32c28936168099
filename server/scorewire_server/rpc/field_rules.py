"""Field rules stand in the protos and nowhere else; this holds messages to them."""

import re
from typing import Any

import protovalidate
from google.protobuf.message import Message

from scorewire_server.errors import InvalidField

_validator = protovalidate.Validator()


def broken_rules(message: Message) -> InvalidField | None:
    """The refusal of a message that breaks field rules; `None` where it keeps them all."""
    violations = _validator.collect_violations(message)
    if not violations:
        return None
    fields = {_path(violation): violation.proto.message for violation in violations}
    listed = "; ".join(f"{_in_both(name)} {wrong}".strip() for name, wrong in fields.items())
    return InvalidField(f"mend the fields and call again: {listed}", fields=fields)


def _in_both(path: str) -> str:
    """The name of a field as gRPC has it, and as JSON has it where that is another."""
    in_json = re.sub("_([a-z])", lambda letter: letter[1].upper(), path)
    return path if in_json == path else f"{path} (in JSON {in_json})"


def _path(violation: Any) -> str:
    path = ""
    for element in violation.proto.field.elements if violation.proto.field else ():
        index = f"[{element.subscript.value}]" if element.subscript else ""
        path += ("." if path else "") + element.field_name + index
    return path
