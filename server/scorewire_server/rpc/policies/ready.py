"""Calls that come before the server is ready are sent away, rather than answered from a ranking half built."""

from collections.abc import Callable

from scorewire_server.errors import Starting
from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Check, MakeCheck


def ready(is_ready: Callable[[], bool]) -> MakeCheck:
    """Refuses calls, health checks apart, until `is_ready`. Raises Starting."""

    def check(_: Call) -> None:
        if not is_ready():
            raise Starting("this server is not ready yet; call again in a second")

    def make(method: Method) -> Check | None:
        return check if method.service.startswith("scorewire.") else None

    return make
