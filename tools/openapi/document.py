"""The whole document of one face: the public one, or that of the port for services."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import MethodDescriptor

from tools.openapi.contract import Contract
from tools.openapi.errors import responses
from tools.openapi.errors import schemas as error_schemas
from tools.openapi.schemas import Schemas

Json = dict[str, Any]

_ROOT = Path(__file__).resolve().parents[2]
_SESSION: Json = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The session JWT of a guest or of an identity provider.",
}
_TICKET: Json = _SESSION | {"description": "The `token` of an action's answer: a ticket, good for 10 seconds."}
_CERTIFICATE: Json = {
    "type": "mutualTLS",
    "description": "A client certificate whose identity is on the operator's list.",
}
_REQUEST_ID: Json = {
    "name": "x-request-id",
    "in": "header",
    "description": "Names the request in every log; the answer has it too.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
_LAST_EVENT_ID: Json = {
    "name": "last-event-id",
    "in": "header",
    "description": "Of events alone: the `id` of the last one seen, as `EventSource` sends it; nothing older is sent.",
    "schema": {"type": "string"},
}


@dataclass(frozen=True, slots=True)
class Face:
    """The services of one port. `security` has the name of the scheme for each RPC, or service, that wants one."""

    name: str
    title: str
    services: tuple[str, ...]
    schemes: dict[str, Json]
    security: dict[str, str]


PUBLIC = Face(
    "public",
    "Scorewire",
    (
        "scorewire.session.v1.SessionService",
        "scorewire.action.v1.ActionService",
        "scorewire.action.v1.KeyService",
        "scorewire.score.v1.ScoreService",
    ),
    {"session": _SESSION, "ticket": _TICKET},
    {"DoAction": "session", "UpdateScore": "ticket"},
)
INTERNAL = Face(
    "internal",
    "Scorewire, the port for services",
    ("scorewire.score.v1.ScoreInternalService",),
    {"certificate": _CERTIFICATE},
    {"ApplyScore": "certificate"},
)


def document(contract: Contract, face: Face) -> Json:
    """The document of a face. Raises UnknownRule where the protos say something that it cannot tell."""
    schemas = Schemas(contract)
    answers = responses(contract)
    paths: dict[str, Json] = {}
    for service in map(contract.service, face.services):
        for method in service.methods:
            if http := contract.http(method):
                verb, path = http
                operation = _operation(contract, schemas, method, verb, path) | _security(face, method)
                operation["responses"] |= _refusals(answers, operation, verb)
                paths.setdefault(_camel(path), {})[verb] = {"tags": [service.name], **operation}
    return {
        "openapi": "3.1.0",
        "info": _info(face),
        "servers": [{"url": "/"}],
        "tags": [
            {"name": service.name, "description": contract.comment(service.full_name)}
            for service in map(contract.service, face.services)
        ],
        "paths": paths,
        "components": {
            "schemas": dict(sorted((schemas.collected | error_schemas(contract)).items())),
            "responses": answers,
            "securitySchemes": face.schemes,
        },
    }


def _info(face: Face) -> Json:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    return {
        "title": face.title,
        "version": project["version"],
        "description": project["description"],
        "license": {"name": project["license"], "identifier": project["license"]},
    }


def _operation(contract: Contract, schemas: Schemas, method: MethodDescriptor, verb: str, path: str) -> Json:
    comment = contract.comment(method.full_name)
    operation: Json = {
        "operationId": method.name,
        "summary": comment.partition("\n")[0].partition(". ")[0].removesuffix("."),
        "description": comment,
        "parameters": [
            *_parameters(schemas, method, verb, path),
            *([_LAST_EVENT_ID] if method.server_streaming else []),
            _REQUEST_ID,
        ],
    }
    if verb != "get":
        required = bool(contract.required(method.input_type))
        content = {"application/json": {"schema": schemas.reference(method.input_type, sent=True)}}
        operation["requestBody"] = {"required": required, "content": content}
    return operation | {"responses": {"200": _answer(schemas, method)}}


def _parameters(schemas: Schemas, method: MethodDescriptor, verb: str, path: str) -> Iterator[Json]:
    in_path = re.findall(r"\{(\w+)\}", path)
    for field in method.input_type.fields:
        if field.name in in_path or verb == "get":
            schema = schemas.field(field, sent=True)
            description = {"description": schema.pop("description")} if "description" in schema else {}
            place = {"in": "path", "required": True} if field.name in in_path else {"in": "query"}
            yield {"name": field.json_name, **place, **description, "schema": schema}


def _answer(schemas: Schemas, method: MethodDescriptor) -> Json:
    schema = schemas.reference(method.output_type, sent=False)
    if not method.server_streaming:
        return {"description": "Done.", "content": {"application/json": {"schema": schema}}}
    words = "A stream: one JSON object a line or, for `accept: text/event-stream`, in the `data` of each event."
    events = {"type": "string", "contentMediaType": "text/event-stream"}
    content = {"application/json": {"schema": schema}, "text/event-stream": {"schema": events}}
    return {"description": words, "content": content}


def _security(face: Face, method: MethodDescriptor) -> Json:
    scheme = face.security.get(method.name)
    return {"security": [{scheme: []}] if scheme else []}


def _refusals(answers: dict[str, Json], operation: Json, verb: str) -> dict[str, Json]:
    unlikely = set() if verb != "get" else {"Error403", "Error409"}
    unlikely |= set() if operation["security"] else {"Error401"}
    return {name.removeprefix("Error"): _ref("responses", name) for name in answers if name not in unlikely}


def _camel(path: str) -> str:
    return re.sub("_([a-z])", lambda letter: letter[1].upper(), path)


def _ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}
