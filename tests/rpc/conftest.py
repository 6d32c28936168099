"""What tests of a running server share."""

from collections.abc import Callable, Iterator

import pytest

from tests.running import RunningServer
from tests.watching import Watching


@pytest.fixture
def watch() -> Iterator[Callable[..., Watching]]:
    """Begins watches, as the gateway does; all end with the test."""
    begun: list[Watching] = []

    def begin(server: RunningServer, **request: object) -> Watching:
        begun.append(Watching(server.scores("gateway"), **request))
        return begun[-1]

    yield begin
    for each in begun:
        each.stop()
