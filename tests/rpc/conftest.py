"""What tests of a running server share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scorewire_server.settings import Settings
from tests.clocks import SetClock
from tests.pair import client_tls
from tests.running import RunningServer
from tests.watching import Watching


@pytest.fixture
def clock() -> SetClock:
    """The test's own."""
    return SetClock()


@pytest.fixture
def where(settings: Settings) -> dict[str, Any]:
    """The arguments of a client that calls the score server of a module's settings, as `ops`."""
    return {"address": f"https://localhost:{settings.score.port}", "tls": client_tls(settings)}


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
