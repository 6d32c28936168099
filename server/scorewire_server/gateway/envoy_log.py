"""Envoy's lines become lines of this process, with its name and in its format."""

import json
from typing import Any

import structlog

from scorewire_server.rpc.status import STATUS_CODES

log = structlog.get_logger()

_WRITERS = {"trace": "debug", "debug": "debug", "info": "info", "warning": "warning", "error": "error"}


def retell(line: str) -> str:
    """Logs a line of Envoy, of the access log or of its own; answers it as a person reads it."""
    fields = _fields(line)
    event = str(fields.pop("event", line))
    if sent := fields.pop("grpc_status", ""):
        fields["grpc_status"] = _status(str(sent))
    write = getattr(log, _WRITERS.get(str(fields.pop("level", "info")), "error"))
    write(event, **fields)
    return event


def _status(number: str) -> str:
    code = STATUS_CODES.get(int(number)) if number.isdecimal() else None
    return code.name if code else number


def _fields(line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}
