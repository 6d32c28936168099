"""Requests over REST name only what there is: the transcoder ignores fields of JSON that it does not know.

So a typo in `actionType` would do another action, and no error would say so.
"""

from scorewire_server.gateway.contract import Rpc
from scorewire_server.gateway.typed import Json, extension, typed

_NAME = "scorewire.fields"
_MESSAGE = "filters.http.lua.v3"
_CHECK = "fields"

# Looks for the names at the first level. What is no object gets words of ours, as the transcoder's begin with an empty
# path and a colon. What is no JSON otherwise, or has a name with escapes, is left to the transcoder. A body
# with more brackets and strings than anybody sends, to keep the gateway busy, is not looked at to its end.
_CODE = """
function envoy_on_request(call)
  local body = call:body()
  local text = body and body:getBytes(0, body:length()) or ""
  local first = text:match('%S')
  if first and first ~= '{' then
    call:respond({[":status"] = "400"}, 'the body must be a JSON object')
  end
  local known = call:filterContext()
  local depth, at = 0, 1
  for _ = 1, 20000 do
    local start = text:find('["{}%[%]]', at)
    if not start then return end
    local found, stop = text:sub(start, start), start
    if found == '"' then
      repeat
        stop = text:find('["\\\\\\\\]', stop + 1)
        if not stop then return end
        local escape = text:sub(stop, stop) ~= '"'
        if escape then stop = stop + 1 end
      until not escape
      local name = text:sub(start + 1, stop - 1)
      if depth == 1 and text:find('^%s*:', stop + 1) and not known:get(name) and not name:find('\\\\', 1, true) then
        call:respond({[":status"] = "400"}, 'there is no field "' .. name:sub(1, 64):gsub('[^%w._-]', '?') .. '"')
      end
    elseif found == '{' or found == '[' then
      depth = depth + 1
    else
      depth = depth - 1
    end
    at = stop + 1
  end
end
"""


def known_fields() -> Json:
    """The filter; only routes that want it have it."""
    codes = {_CHECK: {"inline_string": _CODE}}
    return extension(_NAME, f"{_MESSAGE}.Lua", source_codes=codes) | {"disabled": True}


def of_known_fields(rpc: Rpc) -> Json:
    """What the REST route of an RPC has whose request is a JSON body."""
    known = dict.fromkeys(rpc.fields, True)
    return {_NAME: typed(f"{_MESSAGE}.LuaPerRoute", name=_CHECK, filter_context=known)}
