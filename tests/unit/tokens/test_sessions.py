"""Whose sessions are accepted. Forgeries are met in tests/security."""

import pytest

from scorewire_server.errors import SessionExpired, SessionInvalid, StartError
from scorewire_server.settings import SessionIssuer
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.keys import jwks_file, rotate_key, signing_file, signing_key
from scorewire_server.tokens.sessions import GuestSigner, Issuer, SessionVerifier, User
from scorewire_server.tokens.signing import OURS
from scorewire_server.tokens.signing_file import SigningFile
from tests.clocks import START, SetClock

PROVIDER = "https://login.example.com"


@pytest.fixture
def keys(tmp_path):
    for purpose in ("guests", "provider"):
        rotate_key(tmp_path, purpose)
    return tmp_path


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def provider(keys, clock):
    file = jwks_file(keys, "provider")
    settings = SessionIssuer(issuer=PROVIDER, audience="game", jwks_file=file)
    return Issuer.configured(settings, JwksFile(file, settings.algorithms, clock))


@pytest.fixture
def verifier(keys, provider, clock):
    return SessionVerifier([provider, Issuer.guests(JwksFile(jwks_file(keys, "guests"), OURS, clock))], clock)


@pytest.fixture
def sign(keys):
    """Signs a session of the provider's, with claims changed or, as `None`, left out."""
    key = signing_key(keys, "provider")

    def sign_session(typ="JWT", **changes):
        claims = {
            "iss": PROVIDER,
            "aud": "game",
            "sub": "ada",
            "iat": START,
            "exp": START + 60,
            "name": "Ada",
        } | changes
        return key.sign({name: value for name, value in claims.items() if value is not None}, typ)

    return sign_session


async def test_a_guest_is_a_new_user_each_time(keys, clock, verifier):
    signer = GuestSigner(SigningFile(signing_file(keys, "guests"), clock), 60, clock)
    first, second = signer.sign_in("Ada"), signer.sign_in("Ada")
    assert first.user.id != second.user.id
    assert await verifier.verify(first.token) == first.user == User(first.user.id, "Ada", int(clock() * 1000))
    clock.forward(62)
    with pytest.raises(SessionExpired):
        await verifier.verify(first.token)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"typ": ""}, id="no type"),
        pytest.param({"typ": "at+jwt"}, id="an access token"),
        pytest.param({"typ": "application/AT+JWT"}, id="its full media type"),
        pytest.param({"typ": "session+jwt"}, id="a session"),
        pytest.param({"aud": ["other", "game"]}, id="one of several audiences"),
        pytest.param({"iat": None}, id="no time of issue"),
        pytest.param({"iat": START + 0.5, "exp": START + 60.5}, id="fractions of seconds"),
        pytest.param({"nbf": START}, id="good from now on"),
        pytest.param({"roles": ["admin"], "email": "ada@example.com"}, id="claims of others"),
    ],
)
async def test_what_identity_providers_write_is_accepted(verifier, sign, changes):
    assert (await verifier.verify(sign(**changes)))[:2] == ("ada", "Ada")


@pytest.mark.parametrize(
    ("changes", "signed_in_at"),
    [
        pytest.param({}, START, id="the session's issue"),
        pytest.param({"auth_time": START - 60}, START - 60, id="before the session was renewed"),
        pytest.param({"auth_time": START + 3600}, START, id="a time to come"),
        pytest.param({"iat": None}, None, id="nothing"),
    ],
)
async def test_a_session_says_when_its_user_has_signed_in(verifier, sign, changes, signed_in_at):
    expected = None if signed_in_at is None else int(signed_in_at * 1000)
    assert (await verifier.verify(sign(**changes))).signed_in_at == expected


@pytest.mark.parametrize(
    ("name", "shown"),
    [("A" * 40, "A" * 32), (None, None), ("\n", None), (["Ada"], None)],
    ids=["long", "no", "blank", "list"],
)
async def test_a_name_is_made_fit_to_show(verifier, sign, name, shown):
    assert (await verifier.verify(sign(name=name))).display_name == shown


async def test_guests_cannot_come_from_a_provider(verifier, sign):
    with pytest.raises(SessionInvalid):
        await verifier.verify(sign(iss="scorewire-guests", aud="scorewire-action", typ="session+jwt"))


@pytest.mark.parametrize("typ", ["score-ticket+jwt", "application/Score-Ticket+JWT"])
async def test_whoever_sends_a_ticket_as_a_session_is_told_so(verifier, sign, typ):
    with pytest.raises(SessionInvalid, match=r"a ticket is no session; .* the ticket to UpdateScore"):
        await verifier.verify(sign(typ=typ, iss="scorewire-action", aud="scorewire-score"))


def test_an_issuer_named_twice_stops_the_start(provider, clock):
    with pytest.raises(StartError, match="twice"):
        SessionVerifier([provider, provider], clock)
