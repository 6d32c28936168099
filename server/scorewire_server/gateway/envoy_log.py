"""Envoy's lines become lines of this process, with its name and in its format."""

from typing import Any

import orjson
import structlog

from scorewire_server.gateway.access_log import REQUEST
from scorewire_server.logs import often
from scorewire_server.rpc.status import STATUS_CODES

log = structlog.get_logger()

_WRITERS = {"trace": "debug", "debug": "debug", "info": "info", "warning": "warning", "error": "error"}


class Reteller:
    """Logs lines of Envoy, of the access log or of its own; made when the log is set up."""

    def __init__(self) -> None:
        self._say_request = often(REQUEST)

    def retell(self, line: bytes) -> str:
        """Logs a line; answers it as a person reads it."""
        fields = _fields(line)
        event = str(fields.pop("event", None) or line.decode(errors="replace"))
        if sent := fields.pop("grpc_status", ""):
            fields["grpc_status"] = _status(str(sent))
        level = str(fields.pop("level", "info"))
        if event == REQUEST and level == "info":
            self._say_request(**fields)
        else:
            getattr(log, _WRITERS.get(level, "error"))(event, **fields)
        return event


def _status(number: str) -> str:
    code = STATUS_CODES.get(int(number)) if number.isdecimal() else None
    return code.name if code else number


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return fields if isinstance(fields, dict) else {}
