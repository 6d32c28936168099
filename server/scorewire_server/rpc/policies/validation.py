"""Field rules stand in the protos and nowhere else; this holds every request to them."""

from typing import Any

import protovalidate
from google.protobuf.message import Message

from scorewire_server.errors import InvalidField
from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Check

_validator = protovalidate.Validator()


def validation(method: Method) -> Check | None:
    """Refuses requests that break a field rule. Raises InvalidField."""
    return _check if method.service.startswith("scorewire.") else None


def _check(call: Call) -> None:
    refusal = broken_rules(call.request)
    if refusal:
        raise refusal


def broken_rules(message: Message) -> InvalidField | None:
    """The refusal of a message that breaks field rules; `None` where it keeps them all."""
    violations = _validator.collect_violations(message)
    if not violations:
        return None
    fields = {_path(violation): violation.proto.message for violation in violations}
    listed = "; ".join(f"{name} {wrong}".strip() for name, wrong in fields.items())
    return InvalidField(f"mend the fields and call again: {listed}", fields=fields)


def _path(violation: Any) -> str:
    path = ""
    for element in violation.proto.field.elements if violation.proto.field else ():
        index = f"[{element.subscript.value}]" if element.subscript else ""
        path += ("." if path else "") + element.field_name + index
    return path
