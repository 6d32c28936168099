"""A call over gRPC has one whole message: for one that is not there, gRPC's servers would wait as long as they may."""

from scorewire_server.gateway.fields import CHECK as FIELDS
from scorewire_server.gateway.fields import CODE as FIELDS_CODE
from scorewire_server.gateway.typed import Json, extension, typed

_NAME = "envoy.filters.http.lua"
_MESSAGE = "filters.http.lua.v3"
_CHECK = "whole"
# Five bytes and then the message. The first is 0: it is not compressed, and no trailers, which answers alone have; the
# others are the length.
_CODE = """
function envoy_on_request(call)
  local body = call:body()
  local size = body and body:length() or 0
  if size >= 5 then
    local flags, a, b, c, d = body:getBytes(0, 5):byte(1, 5)
    if flags == 0 and size >= 5 + ((a * 256 + b) * 256 + c) * 256 + d then return end
  end
  call:respond({[":status"] = "400"}, "there is no whole message")
end
"""


def whole_messages() -> Json:
    """The filter; it does nothing but on routes that want it."""
    return extension(
        _NAME,
        f"{_MESSAGE}.Lua",
        source_codes={_CHECK: {"inline_string": _CODE}, FIELDS: {"inline_string": FIELDS_CODE}},
    )


def of_whole_messages() -> Json:
    """What a route has whose calls are checked."""
    return {_NAME: typed(f"{_MESSAGE}.LuaPerRoute", name=_CHECK)}
