"""What tests of a running server share."""

from collections.abc import Callable, Iterator

import pytest

from tests.rpc.watching import Watching
from tests.running import RunningServer


@pytest.fixture
def watch() -> Iterator[Callable[..., Watching]]:
    """Begins watches, as the gateway does; all end with the test."""
    begun: list[Watching] = []

    def begin(server: RunningServer, **request: object) -> Watching:
        begun.append(Watching(server, **request))
        return begun[-1]

    yield begin
    for each in begun:
        each.stop()
