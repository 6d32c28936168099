"""A ticket's ten seconds, to the second, and what binds it. Forgeries are met in tests/security."""

import jwt
import pytest

from scorewire_server.errors import TicketDataMismatch, TicketExpired, TicketFromFuture, TicketKeyUnknown
from scorewire_server.tokens.fingerprint import fingerprint
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.keys import jwks_file, make_keys, signing_file
from scorewire_server.tokens.origin import Origin, address_mark
from scorewire_server.tokens.sessions import GuestSigner
from scorewire_server.tokens.signing import OURS
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.tickets import TicketIssuer, TicketVerifier, VerifiedTicket
from tests.clocks import SetClock

PARTIES = {"issuer": "scorewire-action", "audience": "scorewire-score"}
DATA = '{"actionId":"1","actionType":"dice.roll","result":{"rolled":4}}'


@pytest.fixture(params=["ES256", "EdDSA"])
def folder(request, tmp_path):
    make_keys(tmp_path, algorithm=request.param)
    return tmp_path


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def issuer(folder, clock):
    return TicketIssuer(SigningFile(signing_file(folder, "tickets"), clock), **PARTIES, clock=clock)


@pytest.fixture
def verifier(folder, clock):
    return TicketVerifier(JwksFile(jwks_file(folder, "tickets"), OURS, clock), **PARTIES, tolerance=2.0, clock=clock)


@pytest.mark.parametrize("name", ["Ada", "名前", None], ids=str)
async def test_a_ticket_proves_its_user_and_its_award(issuer, verifier, name):
    ticket = issuer.issue("ada@example.com", name, DATA)
    assert await verifier.verify(ticket, DATA) == VerifiedTicket(fingerprint(DATA), "ada@example.com", name)


def test_a_ticket_does_not_contain_the_action_data(issuer):
    claims = jwt.decode(issuer.issue("ada", None, DATA), options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "iat", "exp", "jti"}
    assert claims["exp"] == claims["iat"] + 10


async def test_a_ticket_says_when_its_user_has_signed_in_and_knows_its_address_again(issuer, verifier):
    ticket = issuer.issue("ada", None, DATA, Origin(1_800_000_000_000, "192.0.2.7"))
    verified = await verifier.verify(ticket, DATA)
    assert verified.signed_in_at == 1_800_000_000_000
    assert verified.address_mark == address_mark(fingerprint(DATA), "192.0.2.7") != address_mark("", "192.0.2.7")
    claims = jwt.decode(ticket, options={"verify_signature": False})
    assert claims["auth_time"] == 1_800_000_000
    assert len(claims["adr"]) == 22


@pytest.mark.parametrize("changed", [DATA + " ", DATA.replace("4", "6"), "{}", ""], ids=repr)
async def test_a_ticket_is_good_for_its_action_data_alone(issuer, verifier, changed):
    with pytest.raises(TicketDataMismatch):
        await verifier.verify(issuer.issue("ada", None, DATA), changed)


@pytest.mark.parametrize("later", [-2.0, 0.0, 9.9], ids=str)
async def test_a_ticket_is_good_for_ten_seconds(issuer, verifier, clock, later):
    ticket = issuer.issue("ada", None, DATA)
    clock.forward(later)
    assert (await verifier.verify(ticket, DATA)).user_id == "ada"


@pytest.mark.parametrize(
    ("later", "refusal"),
    [
        pytest.param(10.0, TicketExpired, id="over"),
        pytest.param(1e6, TicketExpired, id="long over"),
        pytest.param(-2.1, TicketFromFuture, id="from the future"),
    ],
)
async def test_a_ticket_is_good_no_longer_and_no_sooner(issuer, verifier, clock, later, refusal):
    ticket = issuer.issue("ada", None, DATA)
    clock.forward(later)
    with pytest.raises(refusal):
        await verifier.verify(ticket, DATA)


async def test_a_ticket_that_is_over_may_have_counted(issuer, verifier, clock):
    ticket = issuer.issue("ada", None, DATA)
    clock.forward(11)
    with pytest.raises(TicketExpired, match=r"if it was redeemed before, that has counted, .* the same requestId"):
        await verifier.verify(ticket, DATA)


async def test_whoever_sends_a_session_as_a_ticket_is_told_what_to_send(folder, verifier, clock):
    session = GuestSigner(SigningFile(signing_file(folder, "guests"), clock), 60, clock).sign_in("Ada").token
    with pytest.raises(TicketKeyUnknown, match="redeem the token that DoAction answered: a session is no ticket"):
        await verifier.verify(session, DATA)


def test_a_fingerprint_is_the_unpadded_base64url_sha_256():
    assert fingerprint("") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    assert len(fingerprint("ü" * 1000)) == 43
