"""The one exception of the client, decoded from the status and the details of a failed call."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

DOMAIN = "scorewire"
DETAILS_KEY = "grpc-status-details-bin"

_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}

M = TypeVar("M", bound=Message)


@dataclass(eq=False)
class ScorewireError(Exception):
    """A call that was refused, or that got no answer.

    `code` is the gRPC status. `reason` is a name of `scorewire.errors.v1.ErrorReason`, or `None` where no server of
    Scorewire answered: nothing listens, or the connection broke. `metadata` belongs to the reason. `field_violations`
    says what is wrong with each field, by its name. `retry_after` is in seconds; `None` where the server names no time.
    """

    code: grpc.StatusCode
    message: str
    reason: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    field_violations: dict[str, str] = field(default_factory=dict)
    retry_after: float | None = None

    def __str__(self) -> str:
        return f"{self.reason or self.code.name}: {self.message}"


def decode_error(failed: Any) -> ScorewireError:
    """The error of a failed call, which is a `grpc.RpcError` of either kind."""
    return _error(failed.code(), failed.details() or "", _status(failed.trailing_metadata() or ()))


def error_in(status: Status) -> ScorewireError:
    """The error of one award of many."""
    return _error(_CODES.get(status.code, grpc.StatusCode.UNKNOWN), status.message, status)


def _error(code: grpc.StatusCode, message: str, status: Status) -> ScorewireError:
    info, bad_request, retry = (_detail(status, kind) for kind in (ErrorInfo, BadRequest, RetryInfo))
    ours = info if info and info.domain == DOMAIN else None
    return ScorewireError(
        code,
        message,
        reason=ours.reason if ours else None,
        metadata=dict(ours.metadata) if ours else {},
        field_violations={v.field: v.description for v in bad_request.field_violations} if bad_request else {},
        retry_after=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
    )


def _status(trailers: Iterable[tuple[str, str | bytes]]) -> Status:
    """The rich status among the trailers; an empty one where there is none or it is damaged."""
    packed = next((value for key, value in trailers if key == DETAILS_KEY), b"")
    try:
        return Status.FromString(packed if isinstance(packed, bytes) else b"")
    except DecodeError:
        return Status()


def _detail(status: Status, kind: type[M]) -> M | None:
    for packed in status.details:
        detail = kind()
        if packed.Unpack(detail):
            return detail
    return None
