"""`GET /openapi.json`: what OpenAPI says of the REST routes of a listener."""

import json
from collections.abc import Sequence
from pathlib import Path

from scorewire_server.gateway.typed import Json, header

PATH = "/openapi.json"
_HERE = Path(__file__).parent
_GENERATED = Path(__file__).resolve().parents[3] / "generated/openapi"


def document_route(face: str, services: Sequence[str]) -> Json:
    """The route of the document of a face, `public` or `internal`, with the operations of these services alone."""
    body = {"inline_string": json.dumps(document(face, services), ensure_ascii=False)}
    reading = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
    return {
        "match": {"path": PATH, "headers": [reading]},
        "direct_response": {"status": 200, "body": body},
        "response_headers_to_add": [header("content-type", "application/json"), header("cache-control", "no-cache")],
    }


def document(face: str, services: Sequence[str]) -> Json:
    """The document of a face without the operations of services that are not served."""
    whole: Json = json.loads(_file(face).read_text())
    served = {service.rpartition(".")[2] for service in services}
    paths = {
        path: {verb: operation for verb, operation in operations.items() if served.issuperset(operation["tags"])}
        for path, operations in whole["paths"].items()
    }
    tags = [tag for tag in whole["tags"] if tag["name"] in served]
    return whole | {"tags": tags, "paths": {path: operations for path, operations in paths.items() if operations}}


def _file(face: str) -> Path:
    installed = _HERE / f"{face}.json"
    return installed if installed.exists() else _GENERATED / f"{face}.json"
