"""Who called a server that stopped is told so: gRPC's core says CANCELLED alone, which is a caller's word.

That happens to a call that reaches a server in the instant in which it stops, and to one that outlasts the drain.
"""

import base64

from scorewire_server.errors import Draining
from scorewire_server.gateway.typed import Json, extension
from scorewire_server.rpc.status import status_of

_STATUS = status_of(Draining("the server stopped before it answered; repeat the call only with the id it had"))
_CODE = f"""
function envoy_on_response(call)
  local headers = call:headers()
  if headers:get("grpc-status") ~= "1" then return end
  headers:replace("grpc-status", "{_STATUS.code}")
  headers:replace("grpc-message", "{_STATUS.message}")
  headers:replace("grpc-status-details-bin", "{base64.b64encode(_STATUS.SerializeToString()).decode().rstrip("=")}")
end
"""


def cut_calls() -> Json:
    """The filter; the last before the router, where an answer is still the server's own."""
    return extension("scorewire.cut", "filters.http.lua.v3.Lua", default_source_code={"inline_string": _CODE})
