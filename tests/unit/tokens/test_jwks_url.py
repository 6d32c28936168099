"""Public keys behind a URL, served by a real HTTP server: fetched, kept, and not fetched at every whim."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from scorewire_server.errors import UpstreamUnavailable
from scorewire_server.tokens import jwks_url
from scorewire_server.tokens.jwks_url import PAUSE_SECONDS, Address, JwksUrl
from scorewire_server.tokens.signing import OURS, SigningKey, new_jwk
from tests.clocks import SetClock
from tests.publisher import Publisher
from tests.waiting import comes

FIRST = SigningKey.of(new_jwk("ES256", 0)).public
SECOND = SigningKey.of(new_jwk("EdDSA", 0)).public
OFTEN = 0.01
"""Seconds between fetches where a test waits for the next one."""
SELDOM = 3600.0


def document(*keys: dict) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    async with Publisher(document(FIRST)).running() as publisher:
        yield publisher


def source(publisher: Publisher, every: float = SELDOM, monotonic: SetClock | None = None) -> JwksUrl:
    return JwksUrl(Address(publisher.url, OURS, every), SetClock(), monotonic or SetClock())


async def test_keys_are_fetched_when_the_first_token_comes(publisher):
    async with source(publisher).running() as keys:
        assert (await keys.find(FIRST["kid"])).kid == FIRST["kid"]
        assert await keys.find("another") is None
        assert publisher.asked == 1


async def test_a_new_key_is_fetched_when_a_token_names_it(publisher):
    monotonic = SetClock()
    async with source(publisher, monotonic=monotonic).running() as keys:
        assert await keys.find(FIRST["kid"])
        publisher.body = document(FIRST, SECOND)
        assert await keys.find(SECOND["kid"]) is None
        monotonic.forward(PAUSE_SECONDS)
        assert await keys.find(SECOND["kid"])
        assert publisher.asked == 2


async def test_keys_are_fetched_again_without_being_asked_for(publisher):
    monotonic = SetClock()
    async with source(publisher, OFTEN, monotonic).running() as keys:
        assert await keys.find(FIRST["kid"])
        publisher.body = document(SECOND)

        async def is_gone() -> bool:
            monotonic.forward(PAUSE_SECONDS)
            return await keys.find(FIRST["kid"]) is None

        await comes(is_gone, "the next fetch")
        assert await keys.find(SECOND["kid"])


async def test_tokens_of_unknown_keys_are_no_flood_of_fetches(publisher):
    """However many come, and at once: one fetch in each pause."""
    monotonic = SetClock()
    async with source(publisher, monotonic=monotonic).running() as keys:
        for round_ in range(1, 6):
            found = await asyncio.gather(*(keys.find(f"junk {each}") for each in range(1000)))
            assert not any(found)
            assert publisher.asked == round_
            monotonic.forward(PAUSE_SECONDS)


async def test_who_waits_for_a_fetch_may_go_away(publisher):
    async with source(publisher).running() as keys:
        gone = asyncio.create_task(keys.find(FIRST["kid"]))
        stays = asyncio.create_task(keys.find(FIRST["kid"]))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays
        with pytest.raises(asyncio.CancelledError):
            await gone


BROKEN = [
    pytest.param("200 OK", "", b"<html>Sign in</html>", "not JSON", id="HTML"),
    pytest.param("200 OK", "", b"", "not JSON", id="empty"),
    pytest.param("200 OK", "", document(FIRST | {"d": "AA"}), "private", id="a private key"),
    pytest.param("200 OK", "", document({"kty": "oct", "k": "AA", "kid": "s"}), "symmetric", id="a symmetric key"),
    pytest.param("200 OK", "", document(SECOND, SECOND), "a second key", id="a key twice"),
    pytest.param("200 OK", "", document(FIRST | {"crv": "P-192"}), "weak", id="a weak curve"),
    pytest.param("200 OK", "", b"[" * 300_000, "more than 262144 bytes", id="huge"),
    pytest.param("404 Not Found", "", document(SECOND), "answered 404", id="not there"),
    pytest.param("503 Service Unavailable", "", b"", "answered 503", id="out of order"),
    pytest.param("302 Found", "location: http://127.0.0.1:9/\r\n", b"", "answered 302", id="somewhere else"),
]


@pytest.mark.parametrize(("status", "headers", "body", "problem"), BROKEN)
async def test_the_last_good_keys_stay_and_the_log_says_what_to_do(publisher, status, headers, body, problem):
    monotonic = SetClock()
    async with source(publisher, monotonic=monotonic).running() as keys:
        assert await keys.find(FIRST["kid"])
        publisher.status, publisher.headers, publisher.body = status, headers, body
        with capture_logs() as logs:
            for _ in range(3):
                monotonic.forward(PAUSE_SECONDS)
                assert await keys.find(SECOND["kid"]) is None
        assert await keys.find(FIRST["kid"])
        (line,) = logs  # once, and not at every fetch
        assert (line["log_level"], line["url"]) == ("error", publisher.url)
        assert problem in line["problem"]
        assert "see that" in line["next_step"]
        publisher.status, publisher.headers, publisher.body = "200 OK", "", document(SECOND)
        monotonic.forward(PAUSE_SECONDS)
        assert await keys.find(SECOND["kid"])


async def test_a_publisher_that_answers_nothing_holds_nobody_up_for_long(publisher, monkeypatch):
    monkeypatch.setattr(jwks_url, "FETCH_SECONDS", 0.05)
    publisher.silent.set()
    monotonic = SetClock()
    async with source(publisher, monotonic=monotonic).running() as keys:
        with pytest.raises(UpstreamUnavailable):
            await keys.find(FIRST["kid"])
        publisher.silent.clear()
        monotonic.forward(PAUSE_SECONDS)
        assert await keys.find(FIRST["kid"])


async def test_a_publisher_may_start_later():
    """Nobody can tell a good token before: callers are told to come again, and not that the token is bad."""
    async with Publisher(document(FIRST)).running() as publisher:
        pass
    monotonic = SetClock()
    async with source(publisher, monotonic=monotonic).running() as keys:
        with pytest.raises(UpstreamUnavailable) as refused:
            await keys.find(FIRST["kid"])
        assert refused.value.retry_after
        async with publisher.running():
            monotonic.forward(PAUSE_SECONDS)
            assert await keys.find(FIRST["kid"])
        monotonic.forward(PAUSE_SECONDS)
        assert await keys.find("another") is None
        assert await keys.find(FIRST["kid"])
