"""A call over gRPC has one whole message: for one that is not there, gRPC's servers would wait as long as they may."""

from scorewire_server.gateway.typed import Json, extension, typed

_NAME = "envoy.filters.http.lua"
_MESSAGE = "filters.http.lua.v3"
_CHECK = "whole"
# Five bytes, of which the last four are the length, and then the message.
_CODE = """
function envoy_on_request(call)
  local body = call:body()
  local size = body and body:length() or 0
  if size >= 5 then
    local a, b, c, d = body:getBytes(1, 4):byte(1, 4)
    if size >= 5 + ((a * 256 + b) * 256 + c) * 256 + d then return end
  end
  call:respond({[":status"] = "400"}, "the message is not whole")
end
"""


def whole_messages() -> Json:
    """The filter; it does nothing but on routes that want it."""
    return extension(_NAME, f"{_MESSAGE}.Lua", source_codes={_CHECK: {"inline_string": _CODE}})


def of_whole_messages() -> Json:
    """What a route has whose calls are checked."""
    return {_NAME: typed(f"{_MESSAGE}.LuaPerRoute", name=_CHECK)}
