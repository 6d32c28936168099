"""Errors that Envoy itself answers: the same `google.rpc.Status` with a reason that the servers answer.

Envoy makes them as plain text with a HTTP status. Callers over REST get JSON instead, and callers over gRPC and
gRPC-web a gRPC status with its details.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf import any_pb2, json_format
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from scorewire_server.gateway import concurrency
from scorewire_server.gateway.routes import EVENT_SERVICE
from scorewire_server.gateway.typed import Json, header
from scorewire_server.rpc.status import DOMAIN

RETRY_SECONDS = 1
_FOR_A_WHILE = 503
_GRPC = {"header_filter": {"header": {"name": "content-type", "string_match": {"prefix": "application/grpc"}}}}
# What was transcoded has the content type of gRPC by the time it fails, but its caller speaks REST.
_TRANSCODED = {"header_filter": {"header": {"name": "x-envoy-original-path", "present_match": True}}}
_EVENTS = {"header_filter": {"header": {"name": ":path", "string_match": {"prefix": f"/{EVENT_SERVICE}/"}}}}
_NOT_TRANSCODED = {
    "header_filter": {"header": {"name": "x-envoy-original-path", "present_match": True, "invert_match": True}}
}


@dataclass(frozen=True, slots=True)
class Problem:
    """How one HTTP status of Envoy's own is answered.

    `flag` is Envoy's response flag, where the status alone does not tell. `grpc_code` is for callers over gRPC where
    theirs differs, `http` for callers over REST. With `explained`, REST callers also get Envoy's words, which name what
    is wrong with the JSON. With a `header`, it is so for requests that have that header. `retry` is in seconds.
    """

    status: int
    code: StatusCode
    reason: str
    message: str
    grpc_code: StatusCode | None = None
    http: int | None = None
    explained: bool = False
    retry: int | None = None
    header: str | None = None
    flag: str | None = None


_OVERLOADED = Problem(
    concurrency.REFUSED,
    StatusCode.RESOURCE_EXHAUSTED,
    "OVERLOADED",
    "more calls are in progress than the server behind the gateway takes; nothing was done, call again in a second",
    http=429,
    retry=RETRY_SECONDS,
)
# The first that matches counts, and looking for it takes time: so the one that there may be most of comes first.
PROBLEMS = (
    _OVERLOADED,
    replace(_OVERLOADED, status=503, flag="UO"),
    Problem(
        400,
        StatusCode.INVALID_ARGUMENT,
        "REQUEST_MALFORMED",
        "the request cannot be read; mend it and call again",
        explained=True,
    ),
    Problem(
        403,
        StatusCode.INVALID_ARGUMENT,
        "REQUEST_MALFORMED",
        "no other protocol than HTTP is spoken here; send the request without `upgrade`",
        http=400,
        header="upgrade",
    ),
    Problem(
        403,
        StatusCode.PERMISSION_DENIED,
        "CALLER_NOT_ALLOWED",
        "the identity of this client certificate may not call here; ask the operator to add it to internal_callers",
    ),
    Problem(
        404,
        StatusCode.NOT_FOUND,
        "ROUTE_UNKNOWN",
        "there is nothing at this path; the README has the table of routes",
        grpc_code=StatusCode.UNIMPLEMENTED,
    ),
    Problem(
        405,
        StatusCode.NOT_FOUND,
        "ROUTE_UNKNOWN",
        "this path does not take this HTTP method; the header `allow` has the one it takes",
        grpc_code=StatusCode.UNIMPLEMENTED,
    ),
    Problem(
        408,
        StatusCode.DEADLINE_EXCEEDED,
        "DEADLINE_EXCEEDED",
        "no answer in time; see what became of the call before you repeat it",
        http=504,
    ),
    Problem(
        413,
        StatusCode.RESOURCE_EXHAUSTED,
        "MESSAGE_TOO_LARGE",
        "the request is over 1 MiB; send less",
    ),
    Problem(
        415,
        StatusCode.INVALID_ARGUMENT,
        "REQUEST_MALFORMED",
        "compressed requests are not taken; send it as it is",
        grpc_code=StatusCode.UNIMPLEMENTED,
    ),
    Problem(
        426,
        StatusCode.INVALID_ARGUMENT,
        "REQUEST_MALFORMED",
        "HTTP/1.1 and HTTP/2 are spoken here; the request line has another version, or none",
        http=400,
    ),
    Problem(
        429,
        StatusCode.RESOURCE_EXHAUSTED,
        "RATE_LIMITED",
        "this address calls too often; nothing was done, call again later",
        retry=RETRY_SECONDS,
    ),
    Problem(
        431,
        StatusCode.RESOURCE_EXHAUSTED,
        "MESSAGE_TOO_LARGE",
        "the headers are over 60 KiB; send less",
    ),
    Problem(
        500,
        StatusCode.INTERNAL,
        "INTERNAL",
        "a fault of the gateway; its log has more, under the x-request-id of this answer",
    ),
    Problem(
        502,
        StatusCode.INTERNAL,
        "INTERNAL",
        "the server's answer made no sense to the gateway; its log has more, under the x-request-id of this answer",
    ),
    Problem(
        503,
        StatusCode.UNAVAILABLE,
        "UPSTREAM_UNAVAILABLE",
        "the server behind the gateway cannot be reached; call again in a second",
        retry=RETRY_SECONDS,
    ),
    Problem(
        504,
        StatusCode.DEADLINE_EXCEEDED,
        "DEADLINE_EXCEEDED",
        "no answer in time; see what became of the call before you repeat it",
    ),
)


def local_replies(rate_limit_seconds: int = RETRY_SECONDS) -> Json:
    """Envoy's `local_reply_config`; who calls too often is told to wait so many seconds."""
    waits = {"RATE_LIMITED": rate_limit_seconds}
    problems = [replace(each, retry=waits.get(each.reason, each.retry)) for each in PROBLEMS]
    of_events = [_over_events(problem) for problem in problems if problem.status == _FOR_A_WHILE]
    return {"mappers": [*of_events, *(mapper for problem in problems for mapper in _mappers(problem))]}


def _mappers(problem: Problem) -> Iterator[Json]:
    meant = _meant(problem)
    yield {"filter": _all([*meant, _GRPC, _NOT_TRANSCODED]), **_over_grpc(problem)}
    yield {"filter": _all(meant), **_over_rest(problem)}


def _all(filters: list[Json]) -> Json:
    return {"and_filter": {"filters": filters}} if len(filters) > 1 else filters[0]


def _meant(problem: Problem) -> list[Json]:
    if problem.flag:
        return [{"response_flag_filter": {"flags": [problem.flag]}}]
    status = {"comparison": {"op": "EQ", "value": {"default_value": problem.status, "runtime_key": "unused"}}}
    meant: list[Json] = [{"status_code_filter": status}]
    if problem.header:
        meant.append({"header_filter": {"header": {"name": problem.header, "present_match": True}}})
    return meant


def _over_grpc(problem: Problem) -> Json:
    """A gRPC status in the headers; the HTTP status is always 200."""
    status = _status(problem, problem.grpc_code or problem.code)
    details = base64.b64encode(status.SerializeToString()).decode().rstrip("=")
    return {
        "status_code": 200,
        "body": {"inline_string": ""},
        "headers_to_add": [
            header("grpc-status", str(status.code)),
            header("grpc-message", status.message),
            header("grpc-status-details-bin", details),
        ],
    }


def _over_events(problem: Problem) -> Json:
    """A stream that ends at once: `EventSource` comes again after that, and gives up for good after an error."""
    # The milliseconds of the time are as good as chance, so that not all come again together.
    words = f"retry: {problem.retry}%START_TIME(%3f)%\n\n: {problem.reason}: {problem.message}\n\n"
    body = {"text_format_source": {"inline_string": words}, "content_type": "text/event-stream"}
    asked = _all([*_meant(problem), _TRANSCODED, _EVENTS])
    return {"filter": asked, "status_code": 200, "body_format_override": body}


def _over_rest(problem: Problem) -> Json:
    status = json_format.MessageToDict(_status(problem, problem.code))
    if problem.explained:
        status["message"] += ": %LOCAL_REPLY_BODY%"
    mapper: dict[str, Any] = {
        "status_code": problem.http or problem.status,
        "body_format_override": {"json_format": status},
    }
    if problem.retry:
        mapper["headers_to_add"] = [header("retry-after", str(problem.retry))]
    return mapper


def _status(problem: Problem, code: StatusCode) -> status_pb2.Status:
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=problem.reason, domain=DOMAIN)]
    if problem.retry:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromSeconds(problem.retry)
        details.append(retry)
    packed = [any_pb2.Any() for _ in details]
    for any_, detail in zip(packed, details, strict=True):
        any_.Pack(detail)
    return status_pb2.Status(code=code.value[0], message=problem.message, details=packed)
