"""Random tokens at each parser of one: documented refusals, and nothing is kept; and no changed ticket is a ticket."""

import gc
import json
import random
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from scorewire_server.action.main import issuers
from scorewire_server.clock import Clock
from scorewire_server.errors import PageTokenInvalid, Refusal, ResumeTokenInvalid
from scorewire_server.score.bookmarks import Bookmarks
from scorewire_server.score.main import ticket_verifier
from scorewire_server.settings import Settings
from scorewire_server.tokens.keys import signing_file
from scorewire_server.tokens.sessions import SessionVerifier
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.sources import ticket_keys
from scorewire_server.tokens.tickets import TicketIssuer, TicketVerifier
from tests.clocks import SetClock
from tests.pair import prepare, session
from tests.security.forging import answered, encoded

TOKENS = 100_000
FLIPS = 20_000
SEED = 20
MOST_KEPT = TOKENS // 100
"""Pieces of memory: one for each hundredth token."""
BOARD = Bookmarks("a" * 32, "main")
# What JSON is made of, and what JWTs have in them: so that random strings get past the first look.
PIECES = (
    *("{", "}", "[", "]", ":", ",", '"', "\\", "\n", "1", "-1", "1e999", "NaN", "null", "true"),
    *('"alg"', '"kid"', '"typ"', '"sub"', '"exp"', '"ES256"', '"none"', '"\\ud800"'),
)
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/"


def of_bytes(dice: random.Random) -> str:
    return dice.randbytes(dice.randrange(300)).decode("latin-1")


def of_letters(dice: random.Random) -> str:
    return "".join(dice.choices(PLAIN, k=dice.randrange(120)))


def of_three_parts(dice: random.Random) -> str:
    return ".".join(encoded(dice.randbytes(dice.randrange(90))) for _ in range(3))


def of_json(dice: random.Random) -> str:
    """Pieces of JSON, and now and then an object that is whole."""
    pieces = "".join(dice.choices(PIECES, k=dice.randrange(12)))
    whole = json.dumps({dice.choice(("alg", "kid", "sub", "iss")): dice.choice((None, 7, "x", [], {}, True))})
    return ".".join(encoded(dice.choice((pieces, whole, f"{{{pieces}}}")).encode()) for _ in range(3))


SHAPES: tuple[Callable[[random.Random], str], ...] = (of_bytes, of_letters, of_three_parts, of_json)


def tokens(seed: int) -> Iterator[str]:
    dice = random.Random(seed)
    for _ in range(TOKENS):
        yield dice.choice(SHAPES)(dice)


def forgotten() -> Iterator[str]:
    """Random tokens; fails where whoever reads them has kept something of each."""
    for number, token in enumerate(tokens(SEED)):
        if number == TOKENS // 10:
            before = blocks()
        yield token
    assert blocks() - before < MOST_KEPT


def blocks() -> int:
    """How many pieces of memory Python has given out."""
    gc.collect()
    return sys.getallocatedblocks()


@pytest.fixture(scope="module")
def clock():
    return SetClock()


@pytest.fixture(scope="module")
def settings(tmp_path_factory, certs):
    return prepare(tmp_path_factory.mktemp("fuzz"), certs, action={"guests": True})


@asynccontextmanager
async def verifiers(settings: Settings, clock: Clock) -> AsyncIterator[tuple[TicketVerifier, SessionVerifier]]:
    """What the servers check tickets and sessions with."""
    async with AsyncExitStack() as stack:
        keys = await stack.enter_async_context(ticket_keys(settings, clock))
        sessions = SessionVerifier(await issuers(settings, clock, stack), clock)
        yield ticket_verifier(settings.score, keys, clock), sessions


@pytest.mark.parametrize("reasons", ["TICKET_", "SESSION_"])
async def test_random_tokens_are_refused_in_documented_words(settings, clock, reasons):
    async with verifiers(settings, clock) as (tickets, sessions):
        for token in forgotten():
            with pytest.raises(Refusal) as refused:
                await (tickets.verify(token, "{}") if reasons == "TICKET_" else sessions.verify(token))
            assert refused.value.reason.startswith(reasons), token


@pytest.mark.parametrize("parse", [BOARD.place, BOARD.revision], ids=["page token", "resume token"])
def test_random_bookmarks_are_refused_in_documented_words(parse):
    for token in forgotten():
        with pytest.raises((PageTokenInvalid, ResumeTokenInvalid)):
            parse(token)


def flipped(token: str, count: int) -> set[str]:
    """As many other tokens, each with one to four of the bits changed."""
    dice = random.Random(SEED)
    changed: set[str] = set()
    while len(changed) < count:
        raw = bytearray(token.encode())
        for _ in range(dice.choice((1, 2, 3, 4))):
            raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
        changed |= {raw.decode("latin-1")} - {token}
    return changed


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
async def test_a_changed_ticket_is_refused(tmp_path, certs, clock, algorithm):
    settings = prepare(tmp_path, certs, algorithm=algorithm)
    signing = SigningFile(signing_file(settings.keys, "tickets"), clock)
    data = answered()
    parties = {"issuer": settings.score.ticket_issuer, "audience": settings.score.ticket_audience}
    ticket = TicketIssuer(signing, **parties, clock=clock).issue("ada", "Ada", data)
    async with verifiers(settings, clock) as (tickets, _):
        assert (await tickets.verify(ticket, data)).user_id == "ada"
        for each in flipped(ticket, FLIPS):
            with pytest.raises(Refusal, match="ticket"):
                await tickets.verify(each, data)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
async def test_a_changed_session_is_refused(tmp_path, certs, clock, algorithm):
    settings = prepare(tmp_path, certs, algorithm=algorithm)
    good = session(settings, clock)
    async with verifiers(settings, clock) as (_, sessions):
        assert (await sessions.verify(good)).id == "ada"
        for each in flipped(good, FLIPS):
            with pytest.raises(Refusal, match=r"session|JWT"):
                await sessions.verify(each)
