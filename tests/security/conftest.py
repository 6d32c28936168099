"""Both servers, once for each file of tests, and what forges tokens for them."""

import pytest

from scorewire_server.tokens.keys import signing_file, signing_key
from scorewire_server.tokens.signing_file import SigningFile
from tests.clocks import SetClock
from tests.pair import prepare
from tests.security.forging import Forger, answered


@pytest.fixture(scope="module")
def clock():
    return SetClock()


@pytest.fixture(scope="module")
def settings(tmp_path_factory, certs):
    return prepare(tmp_path_factory.mktemp("servers"), certs, action={"guests": True})


@pytest.fixture
def forger(settings, clock):
    """A forger of tickets for action data that no other test has."""
    guests = SigningFile(signing_file(settings.keys, "guests"), clock)
    return Forger(signing_key(settings.keys, "tickets"), guests, answered())
