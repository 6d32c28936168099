"""What a call over gRPC goes through right before a server, and not where it is refused before that.

A call has one whole message: for one that is not there, gRPC's servers would wait as long as they may. And who called a
server that stopped is told so: gRPC's core says CANCELLED alone, which is a caller's word. That happens to a call that
reaches a server in the instant in which it stops, and to one that outlasts the drain.
"""

import base64

from scorewire_server.errors import Draining
from scorewire_server.gateway.typed import Json, extension, typed
from scorewire_server.rpc.status import status_of

_NAME = "scorewire.calls"
_MESSAGE = "filters.http.lua.v3"
_STATUS = status_of(Draining("the server stopped before it answered; repeat the call only with the id it had"))
# Five bytes and then the message. The first is 0: it is not compressed, and no trailers, which answers alone have; the
# others are the length.
_CODE = f"""
function envoy_on_request(call)
  local body = call:body()
  local size = body and body:length() or 0
  if size >= 5 then
    local flags, a, b, c, d = body:getBytes(0, 5):byte(1, 5)
    if flags == 0 and size >= 5 + ((a * 256 + b) * 256 + c) * 256 + d then return end
  end
  call:respond({{[":status"] = "400"}}, "there is no whole message")
end

function envoy_on_response(call)
  local headers = call:headers()
  if headers:get("grpc-status") ~= "1" then return end
  headers:replace("grpc-status", "{_STATUS.code}")
  headers:replace("grpc-message", "{_STATUS.message}")
  headers:replace("grpc-status-details-bin", "{base64.b64encode(_STATUS.SerializeToString()).decode().rstrip("=")}")
end
"""


def calls() -> Json:
    """The filter, of a server's cluster."""
    return extension(_NAME, f"{_MESSAGE}.Lua", default_source_code={"inline_string": _CODE})


def of_streams() -> Json:
    """What a route has whose requests are streams, with messages that come one after another."""
    return {_NAME: typed(f"{_MESSAGE}.LuaPerRoute", disabled=True)}
