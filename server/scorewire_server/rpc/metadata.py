"""What a call's metadata says."""

from typing import Any

import grpc


def bearer(context: grpc.aio.ServicerContext[Any, Any]) -> str | None:
    """The token of `authorization: Bearer <token>`; `None` where there is none, or more than one."""
    values = all_values(context, "authorization")
    if len(values) != 1:
        return None
    scheme, _, token = values[0].partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def one_value(context: grpc.aio.ServicerContext[Any, Any], name: str) -> str | None:
    """The value of `name` where it is there exactly once."""
    values = all_values(context, name)
    return values[0] if len(values) == 1 else None


def all_values(context: grpc.aio.ServicerContext[Any, Any], name: str) -> list[str]:
    """Every value of the (lower-case) `name`."""
    metadata = context.invocation_metadata() or ()
    return [value for key, value in metadata if key == name and isinstance(value, str)]
