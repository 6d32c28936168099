"""Random tokens at each parser of one: documented refusals and nothing else; and no changed ticket is a ticket."""

import json
import random
from collections.abc import Callable, Iterator

import pytest

from scorewire_server.action.main import issuers
from scorewire_server.errors import Refusal
from scorewire_server.score.bookmarks import Bookmarks
from scorewire_server.score.main import ticket_verifier
from scorewire_server.tokens.keys import signing_file
from scorewire_server.tokens.sessions import SessionVerifier
from scorewire_server.tokens.signing import SigningKey
from scorewire_server.tokens.tickets import TicketIssuer, VerifiedTicket
from tests.clocks import SetClock
from tests.pair import prepare, session
from tests.security.forging import answered, encoded

TOKENS = 100_000
FLIPS = 20_000
SEED = 20
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


@pytest.fixture(scope="module")
def clock():
    return SetClock()


@pytest.fixture(scope="module")
def settings(tmp_path_factory, certs):
    return prepare(tmp_path_factory.mktemp("fuzz"), certs, action={"guests": True})


@pytest.fixture
def parsers(settings, clock) -> dict[str, Callable[[str], object]]:
    """Whatever in the servers reads a token, by the start of the reasons that it refuses with."""
    tickets = ticket_verifier(settings, clock)
    sessions = SessionVerifier(list(issuers(settings)), clock)
    return {
        "TICKET_": lambda token: tickets.verify(token, "{}"),
        "SESSION_": sessions.verify,
        "PAGE_TOKEN_": BOARD.place,
        "RESUME_TOKEN_": BOARD.revision,
    }


@pytest.mark.parametrize("reasons", ["TICKET_", "SESSION_", "PAGE_TOKEN_", "RESUME_TOKEN_"])
def test_random_tokens_are_refused_in_documented_words(parsers, reasons):
    parse = parsers[reasons]
    for token in tokens(SEED):
        with pytest.raises(Refusal) as refused:
            parse(token)
        assert refused.value.reason.startswith(reasons), token


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
def test_a_changed_ticket_is_refused(tmp_path, certs, clock, algorithm):
    settings = prepare(tmp_path, certs, algorithm=algorithm)
    verifier = ticket_verifier(settings, clock)
    key = SigningKey.read(signing_file(settings.keys, "tickets"))
    data = answered()
    parties = {"issuer": settings.score.ticket_issuer, "audience": settings.score.ticket_audience}
    ticket = TicketIssuer(key, **parties, clock=clock).issue("ada", "Ada", data)
    assert isinstance(verifier.verify(ticket, data), VerifiedTicket)
    for each in flipped(ticket, FLIPS):
        with pytest.raises(Refusal, match="ticket"):
            verifier.verify(each, data)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_a_changed_session_is_refused(tmp_path, certs, clock, algorithm):
    settings = prepare(tmp_path, certs, algorithm=algorithm)
    verifier = SessionVerifier(list(issuers(settings)), clock)
    good = session(settings, clock)
    assert verifier.verify(good).id == "ada"
    for each in flipped(good, FLIPS):
        with pytest.raises(Refusal, match=r"session|JWT"):
            verifier.verify(each)
