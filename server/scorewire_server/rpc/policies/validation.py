"""Field rules stand in the protos and nowhere else; this holds every request to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import protovalidate

from scorewire_server.errors import InvalidField
from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Around

_validator = protovalidate.Validator()


def validation(method: Method) -> Around | None:
    """Refuses requests that break a field rule. Raises InvalidField."""
    return _around if method.service.startswith("scorewire.") else None


@contextmanager
def _around(call: Call) -> Iterator[None]:
    violations = _validator.collect_violations(call.request)
    if violations:
        fields = {_path(v): v.proto.message for v in violations}
        listed = "; ".join(f"{name}: {wrong}" for name, wrong in fields.items())
        raise InvalidField(f"mend these fields and call again: {listed}", fields=fields)
    yield


def _path(violation: Any) -> str:
    path = ""
    for element in violation.proto.field.elements:
        subscript = element.subscript
        index = f"[{subscript.value}]" if subscript else ""
        path += ("." if path else "") + element.field_name + index
    return path
