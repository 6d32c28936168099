"""How refused calls are answered: one body, and by HTTP status the reasons it may have."""

import re
from collections.abc import Iterator
from typing import Any

from grpc import StatusCode

from scorewire_server.gateway.problems import PROBLEMS
from tools.openapi.contract import Contract

Json = dict[str, Any]

# How the gateway's transcoder answers the codes of gRPC.
HTTP_STATUSES = {
    StatusCode.INVALID_ARGUMENT: 400,
    StatusCode.FAILED_PRECONDITION: 400,
    StatusCode.UNAUTHENTICATED: 401,
    StatusCode.PERMISSION_DENIED: 403,
    StatusCode.NOT_FOUND: 404,
    StatusCode.ABORTED: 409,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.RESOURCE_EXHAUSTED: 429,
    StatusCode.INTERNAL: 500,
    StatusCode.DATA_LOSS: 500,
    StatusCode.UNAVAILABLE: 503,
    StatusCode.DEADLINE_EXCEEDED: 504,
}
TITLES = {
    400: "The request is wrong.",
    401: "The token, or what came for one, is not taken.",
    403: "It may not be done.",
    404: "There is no such thing.",
    405: "The path does not take this method.",
    409: "It was done before, or with other content.",
    413: "The body is too large.",
    415: "The body is compressed.",
    429: "Too much at once.",
    431: "The headers are too large.",
    500: "A fault of the server.",
    502: "A fault between the gateway and the server.",
    503: "Not now; call again.",
    504: "No answer in time.",
}
_RETRY: Json = {
    "retry-after": {"description": "Seconds after which to call again, if at all.", "schema": {"type": "integer"}}
}
_HEADERS: dict[int, Json] = {
    429: _RETRY,
    503: _RETRY,
    405: {"allow": {"description": "The method that the path takes.", "schema": {"type": "string"}}},
}
_CODE = re.compile(r"([A-Z_]+)")


def reasons_by_status(contract: Contract) -> dict[int, list[str]]:
    """The reasons that an answer of each HTTP status may have: a server's, and the gateway's own."""
    found: dict[int, set[str]] = {}
    for reason, comment in contract.reasons():
        begins = _CODE.match(comment)
        code = StatusCode[begins[1]] if begins else StatusCode.INTERNAL
        found.setdefault(HTTP_STATUSES[code], set()).add(reason)
    for problem in PROBLEMS:
        found.setdefault(problem.http or problem.status, set()).add(problem.reason)
    return {status: sorted(reasons) for status, reasons in sorted(found.items())}


def responses(contract: Contract) -> dict[str, Json]:
    """`components.responses`: one for each status."""
    comments = dict(contract.reasons())
    return {
        f"Error{status}": _response(status, {reason: comments[reason] for reason in reasons})
        for status, reasons in reasons_by_status(contract).items()
    }


def _response(status: int, reasons: dict[str, str]) -> Json:
    listed = "\n".join(f"- `{reason}`: {comment}" for reason, comment in reasons.items())
    narrowed = {"properties": {"details": {"contains": {"properties": {"reason": {"enum": list(reasons)}}}}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Error"}, narrowed]}
    headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
    description = f"{TITLES[status]}\n\n{listed}"
    return {"description": description, **headers, "content": {"application/json": {"schema": schema}}}


def schemas(contract: Contract) -> dict[str, Json]:
    """The schemas of an error's body: a `google.rpc.Status` whose first detail has the reason."""
    return {
        "Error": {
            "type": "object",
            "description": "Why a call was refused. A refused call leaves nothing behind.",
            "required": ["code", "message", "details"],
            "properties": {
                "code": {"type": "integer", "description": "The code of gRPC.", "minimum": 1, "maximum": 16},
                "message": {"type": "string", "minLength": 1, "description": "What is wrong, and what to do next."},
                "details": {
                    "type": "array",
                    "contains": {"$ref": "#/components/schemas/ErrorInfo"},
                    "items": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in _DETAILS]},
                },
            },
        },
        **{name: _detail(name, properties) for name, properties in _details(contract)},
    }


_DETAILS = ("ErrorInfo", "BadRequest", "RetryInfo")
_STRINGS: Json = {"type": "object", "additionalProperties": {"type": "string"}}


def _details(contract: Contract) -> Iterator[tuple[str, Json]]:
    reasons = [reason for reason, _ in contract.reasons()]
    yield (
        "ErrorInfo",
        {
            "reason": {"type": "string", "enum": reasons, "description": "The list is closed."},
            "domain": {"const": "scorewire"},
            "metadata": _STRINGS,
        },
    )
    # What is wrong with fields together, such as two windows in one request, names none of them.
    violation = {"type": "object", "required": ["description"], "properties": {"field": _TEXT, "description": _TEXT}}
    yield "BadRequest", {"fieldViolations": {"type": "array", "items": violation}}
    yield "RetryInfo", {"retryDelay": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?s$"}}


_TEXT: Json = {"type": "string"}


def _detail(name: str, properties: Json) -> Json:
    kind = {"@type": {"const": f"type.googleapis.com/google.rpc.{name}"}}
    # All but the metadata are always there.
    required = ["@type", *(key for key in properties if key != "metadata")]
    return {"type": "object", "required": required, "properties": kind | properties}
