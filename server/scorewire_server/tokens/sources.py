"""Opens what keys come from, as the settings say: a file or a URL."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from scorewire_server.clock import Clock
from scorewire_server.settings import SessionIssuer, Settings
from scorewire_server.tokens.jwks import JwksFile, KeySource
from scorewire_server.tokens.jwks_url import Address, JwksUrl
from scorewire_server.tokens.keys import jwks_file
from scorewire_server.tokens.signing import OURS


@asynccontextmanager
async def ticket_keys(settings: Settings, clock: Clock) -> AsyncIterator[KeySource]:
    """The public keys of tickets. Raises JwksMistake."""
    score = settings.score
    url, seconds = score.ticket_jwks_url, score.ticket_jwks_refresh_seconds
    source = Address(url, OURS, seconds) if url else score.ticket_jwks_file or jwks_file(settings.keys, "tickets")
    async with _opened(source, OURS, clock) as keys:
        yield keys


@asynccontextmanager
async def issuer_keys(issuer: SessionIssuer, clock: Clock) -> AsyncIterator[KeySource]:
    """The public keys of an identity provider. Raises JwksMistake."""
    source = issuer.jwks_file or Address(str(issuer.jwks_url), issuer.algorithms, issuer.jwks_refresh_seconds)
    async with _opened(source, issuer.algorithms, clock) as keys:
        yield keys


@asynccontextmanager
async def _opened(source: Address | Path, algorithms: Collection[str], clock: Clock) -> AsyncIterator[KeySource]:
    if isinstance(source, Path):
        yield JwksFile(source, algorithms, clock)
    else:
        async with JwksUrl(source, clock).running() as keys:
            yield keys
