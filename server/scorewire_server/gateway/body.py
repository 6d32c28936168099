"""How large a request may be: it is held until it is whole, and one that grows too large goes no further."""

from scorewire_server.gateway.typed import Json, extension, typed

MOST_BYTES = 1024 * 1024
_NAME = "envoy.filters.http.buffer"
_MESSAGE = "filters.http.buffer.v3"


def buffer() -> Json:
    """The filter."""
    return extension(_NAME, f"{_MESSAGE}.Buffer", max_request_bytes=MOST_BYTES)


def unbuffered() -> Json:
    """What a route has whose requests are streams."""
    return {_NAME: typed(f"{_MESSAGE}.BufferPerRoute", disabled=True)}
