"""What a call's metadata says."""

import re
from typing import Any

import grpc

_REQUEST_ID = re.compile(r"[!-~]{1,128}")


def bearer(context: grpc.aio.ServicerContext[Any, Any]) -> str | None:
    """The token of `authorization: Bearer <token>`; `None` where there is none, or more than one."""
    values = all_values(context, "authorization")
    if len(values) != 1:
        return None
    scheme, _, token = values[0].partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def request_id(context: grpc.aio.ServicerContext[Any, Any]) -> str | None:
    """The caller's `x-request-id`, where it is one word of visible ASCII that every log and further call can take."""
    value = one_value(context, "x-request-id")
    return value if value and _REQUEST_ID.fullmatch(value) else None


def one_value(context: grpc.aio.ServicerContext[Any, Any], name: str) -> str | None:
    """The value of `name` where it is there exactly once."""
    values = all_values(context, name)
    return values[0] if len(values) == 1 else None


def all_values(context: grpc.aio.ServicerContext[Any, Any], name: str) -> list[str]:
    """Every value of the (lower-case) `name`."""
    metadata = context.invocation_metadata() or ()
    return [value for key, value in metadata if key == name and isinstance(value, str)]
