"""The shapes that repeat all over an Envoy configuration."""

from typing import Any

Json = dict[str, Any]

_EXTENSIONS = "type.googleapis.com/envoy.extensions"

DISABLED: Json = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}
"""What a route has instead of a filter that others have."""


def typed(message: str, **fields: Any) -> Json:
    """A `google.protobuf.Any` of the message of that name below `envoy.extensions`."""
    return {"@type": f"{_EXTENSIONS}.{message}", **fields}


def extension(name: str, message: str, **fields: Any) -> Json:
    """A named extension with its configuration."""
    return {"name": name, "typed_config": typed(message, **fields)}


def socket_address(host: str, port: int) -> Json:
    """An address to listen on, or to connect to."""
    return {"socket_address": {"address": host, "port_value": port}}


def header(name: str, value: str) -> Json:
    """A header to set, instead of what may be there."""
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
