"""What a refused call tells its caller, taken apart."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status


@dataclass(frozen=True)
class Told:
    """Code, reason and the rest of a status; `retry_after` is in seconds."""

    code: str
    reason: str | None = None
    message: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    retry_after: float | None = None


def refusal(call: Callable[[], Any]) -> Told:
    """What the caller of a refused call is told."""
    refused = outcome(call)
    assert refused is not None, "the call was answered"
    return refused


def outcome(call: Callable[[], Any]) -> Told | None:
    """What the caller of a call is told where it is refused; `None` where it is answered."""
    try:
        call()
    except grpc.RpcError as error:
        return told_by(error)
    return None


def told_by(error: Any) -> Told:
    """What an error of a call tells; an error of gRPC itself has no reason."""
    status = rpc_status.from_call(error)
    return told(status) if status else Told(error.code().name, message=error.details() or "")


def told(status: status_pb2.Status) -> Told:
    """What a status tells."""
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    has = {
        type(each): detail.Unpack(each)
        for detail in status.details
        for each in (info, bad, retry)
        if detail.Is(each.DESCRIPTOR)
    }
    assert info.domain == "scorewire"
    return Told(
        code=next(code.name for code in grpc.StatusCode if code.value[0] == status.code),
        reason=info.reason,
        message=status.message,
        metadata=dict(info.metadata),
        fields={violation.field: violation.description for violation in bad.field_violations},
        retry_after=retry.retry_delay.ToMilliseconds() / 1000 if type(retry) in has else None,
    )
