"""Both servers, once for each file of tests, and what forges tokens for them."""

import pytest
import pytest_asyncio

from scorewire_server.tokens.keys import signing_file, signing_key
from scorewire_server.tokens.signing_file import SigningFile
from tests.clocks import SetClock
from tests.pair import prepare, running_actions, running_scores
from tests.security.forging import Forger, answered


@pytest.fixture(scope="module")
def clock():
    return SetClock()


@pytest.fixture(scope="module")
def settings(tmp_path_factory, certs):
    return prepare(tmp_path_factory.mktemp("servers"), certs, action={"guests": True})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scores(settings, clock):
    async with running_scores(settings, clock) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def actions(settings, clock, scores):
    async with running_actions(settings, clock, scores.server.port) as running:
        yield running


@pytest.fixture
def forger(settings, clock):
    """A forger of tickets for action data that no other test has."""
    guests = SigningFile(signing_file(settings.keys, "guests"), clock)
    return Forger(signing_key(settings.keys, "tickets"), guests, answered())
