"""One running Scorewire for all tests that only use it, and what they call it with."""

from collections.abc import Generator, Iterator

import httpx
import pytest

from tests.e2e.players import Player
from tests.fuzzing import without_limits
from tests.stack import PLAINTEXT, Stack


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows the logs of the servers it used."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(stack, Stack):
        report.sections.append(("logs of the servers", stack.logs()))
    return report


ENVIRONMENT = {
    "SCOREWIRE_ACTION__HANDLERS": '["tests.e2e.slow_actions"]',
    "SCOREWIRE_GATEWAY__ALLOWED_ORIGINS": '["https://app.example.com"]',
    # All tests share an address.
    "SCOREWIRE_SCORE__MAX_WATCHES_PER_ADDRESS": "10000",
    "SCOREWIRE_SCORE__HEARTBEAT_SECONDS": "1",
}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All three servers; a page on another host may call them, and quiet watches soon show that they are alive."""
    with Stack(tmp_path_factory.mktemp("stack"), **ENVIRONMENT, **without_limits()) as stack:
        yield stack


@pytest.fixture
def rest(stack: Stack) -> Iterator[httpx.Client]:
    """Calls the public listener."""
    with httpx.Client(base_url=stack.url, timeout=30, verify=PLAINTEXT) as client:
        yield client


@pytest.fixture
def player(rest: httpx.Client) -> Player:
    """A guest of the test's own."""
    return Player.signed_in(rest)
