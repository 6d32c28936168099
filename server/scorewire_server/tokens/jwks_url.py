"""Public keys behind a URL: fetched again and again, and at once for a key that is not known, but not at every whim."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self

import httpx
import structlog

from scorewire_server.clock import Clock
from scorewire_server.errors import UpstreamUnavailable
from scorewire_server.tokens.jwks import unended
from scorewire_server.tokens.public_keys import LARGEST, JwksMistake, PublicKey, PublicKeys, read_jwks

log = structlog.get_logger()

FETCH_SECONDS = 3.0
"""How long one fetch may take."""
PAUSE_SECONDS = 3.0
"""The least time from one fetch to the next, whoever sends tokens with whatever `kid`."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a JWKS is, for which algorithms its keys are taken, and how often it is fetched."""

    url: str
    algorithms: Collection[str]
    every_seconds: float


class JwksUrl:
    """The keys of a JWKS behind a URL; entered, it fetches.

    What cannot be fetched or used is logged, and the last good keys stay. Without any, nobody can tell a good token
    from a bad one, and callers are told to come again.
    """

    def __init__(self, address: Address, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._clock = clock
        self._monotonic = monotonic
        self._keys: PublicKeys = {}
        self._content: bytes | None = None
        self._problem: str | None = None
        self._began = -PAUSE_SECONDS
        self._fetching: asyncio.Task[None] | None = None
        # Nothing is followed: an address that moves is the operator's to change.
        self._client = httpx.AsyncClient(timeout=FETCH_SECONDS, follow_redirects=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Fetches while entered. Whoever publishes the keys may start later."""
        async with self._client:
            again = asyncio.create_task(self._fetch_again_and_again())
            try:
                yield self
            finally:
                for task in filter(None, (again, self._fetching)):
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    async def find(self, kid: str) -> PublicKey | None:
        """The key of that `kid`; `None` where there is none, or it has ended. Raises UpstreamUnavailable."""
        if kid not in self._keys:
            await self._fetched()
        if not self._keys:
            raise UpstreamUnavailable("the keys that check this token could not be fetched yet; call again")
        return unended(self._keys, kid, self._clock())

    async def _fetch_again_and_again(self) -> None:
        while True:
            await self._fetched()
            # Without keys nobody is served, so that is tried sooner.
            await asyncio.sleep(self._address.every_seconds if self._keys else PAUSE_SECONDS)

    async def _fetched(self) -> None:
        """Returns after a fetch that was under way or is due; at once where the last one began a moment ago."""
        if self._fetching is None or self._fetching.done():
            if self._monotonic() - self._began < PAUSE_SECONDS:
                return
            self._began = self._monotonic()
            self._fetching = asyncio.create_task(self._fetch())
        await asyncio.shield(self._fetching)  # others may wait for it, when this caller has gone

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                content = await self._download()
            if content != self._content:
                self._keys = read_jwks(content, self._address.url, self._address.algorithms)
                self._content = content
                log.info("keys fetched", url=self._address.url, kids=list(self._keys))
            self._problem = None
        except (httpx.HTTPError, TimeoutError, JwksMistake) as problem:
            self._say(problem)

    async def _download(self) -> bytes:
        """Raises JwksMistake for an answer that cannot be one, and what httpx raises."""
        url, content = self._address.url, bytearray()
        async with self._client.stream("GET", url, headers={"accept": "application/json"}) as answer:
            if answer.status_code != httpx.codes.OK:
                raise JwksMistake(f"{url}: answered {answer.status_code}; set the address of the JWKS itself")
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > LARGEST:
                    raise JwksMistake(f"{url}: more than {LARGEST} bytes; set the address of the JWKS itself")
        return bytes(content)

    def _say(self, problem: Exception) -> None:
        """Logs a problem once, until it is another one or over."""
        words = str(problem) or type(problem).__name__
        if words == self._problem:
            return
        self._problem = words
        log.error(
            "keys not fetched; the last good ones stay",
            url=self._address.url,
            problem=words,
            next_step="see that this server reaches the address and that it answers a JWKS of public keys",
        )
