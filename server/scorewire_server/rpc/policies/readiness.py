"""Calls that come before the server is ready are sent away, rather than answered from a ranking half built."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scorewire_server.errors import Starting
from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.policies import Around, Policy


def readiness(is_ready: Callable[[], bool]) -> Policy:
    """Refuses calls, health checks apart, until `is_ready`. Raises Starting."""

    @contextmanager
    def around(_: Call) -> Iterator[None]:
        if not is_ready():
            raise Starting("this server is not ready yet; call again in a second")
        yield

    def policy(method: Method) -> Around | None:
        return around if method.service.startswith("scorewire.") else None

    return policy
