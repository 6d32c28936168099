"""Sessions that come as tickets: a genuine one is answered with what to send, and nobody is taken for a forger."""

import sqlite3
from collections.abc import Callable

import pytest

from scorewire.score.v1.score_pb2 import UpdateScoreRequest
from scorewire_server.settings import Settings
from scorewire_server.tokens.keys import jwks_file, signing_file, signing_key
from scorewire_server.tokens.sessions import GuestSigner
from scorewire_server.tokens.signing import SigningKey, new_jwk
from scorewire_server.tokens.signing_file import SigningFile
from tests.clocks import START, SetClock
from tests.pair import bearing, prepare, session
from tests.refusals import Told, refusal
from tests.running import RunningServer
from tests.security.forging import answered, by, compact, encoded, part

STRANGER = SigningKey.of(new_jwk("ES256", START))
HERS, FORGERS = "192.0.2.1", "203.0.113.1"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def settings(tmp_path, certs) -> Settings:
    return prepare(tmp_path, certs, action={"guests": True})


def guest_session(settings: Settings, clock: SetClock) -> str:
    return GuestSigner(SigningFile(signing_file(settings.keys, "guests"), clock), 60, clock).sign_in("Ada").token


def written_as_a_guest(settings: Settings, clock: SetClock, kid: str) -> str:
    """A session that says of itself whatever a guest's does, and is signed by a stranger."""
    header = {"alg": "ES256", "kid": kid, "typ": "session+jwt"}
    claims = {"iss": "scorewire-guests", "aud": "scorewire-action", "sub": "ada", "iat": START, "exp": START + 60}
    return compact(header, claims, by(STRANGER))


GENUINE = {
    "a guest's": guest_session,
    "a provider's": session,
    "one that is over": lambda settings, clock: session(settings, clock, exp=int(START) - 3),
}
FORGED = {
    "a stranger's": lambda settings, clock: written_as_a_guest(settings, clock, STRANGER.kid),
    "a stranger's with our kid": lambda settings, clock: written_as_a_guest(
        settings, clock, signing_key(settings.keys, "guests", clock).kid
    ),
    "a changed one": lambda settings, clock: part(
        session(settings, clock), 1, encoded({"iss": "https://login.example.com", "aud": "game", "sub": "bob"})
    ),
    "for another service": lambda settings, clock: session(settings, clock, aud="another"),
    "a guest's of a provider": lambda settings, clock: session(settings, clock, iss="scorewire-guests"),
}


def present(server: RunningServer, token: str, address: str) -> Told:
    """Sends a token as a ticket from an address, as the gateway does."""
    metadata = [*bearing(token), ("x-envoy-external-address", address)]
    request = UpdateScoreRequest(data=answered())
    return refusal(lambda: server.scores("gateway").UpdateScore(request, metadata=metadata))


def audited(settings: Settings) -> list[tuple[str, str]]:
    """Event and address of each row of the audit; the server has ended."""
    with sqlite3.connect(settings.data_dir / "score.db") as database:
        return list(database.execute("SELECT event, address FROM audit ORDER BY id"))


@pytest.mark.parametrize("make", GENUINE.values(), ids=GENUINE)
@pytest.mark.parametrize("detection", [True, False], ids=["detected", "not detected"])
def test_who_sends_a_session_as_a_ticket_is_told_what_to_send_and_no_forger(settings, clock, make, detection):
    score = settings.score.model_copy(
        update={"detection": settings.score.detection.model_copy(update={"enabled": detection})}
    )
    with RunningServer(settings.model_copy(update={"score": score}), clock) as server:
        told = [present(server, make(settings, clock), HERS) for _ in range(8)]
        present(server, FORGED["a stranger's"](settings, clock), FORGERS)
    assert {(each.code, each.reason) for each in told} == {("UNAUTHENTICATED", "TICKET_TYPE_INVALID")}
    assert told[0].message == "this is a session; redeem the token that DoAction answered: a session is no ticket"
    assert audited(settings) == [("ticket_forged", FORGERS)]


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED)
def test_whatever_only_looks_like_a_session_is_forged(settings, clock, make: Callable[[Settings, SetClock], str]):
    with RunningServer(settings, clock) as server:
        told = present(server, make(settings, clock), FORGERS)
    assert (told.code, told.reason) == ("UNAUTHENTICATED", "TICKET_KEY_UNKNOWN")
    assert audited(settings) == [("ticket_forged", FORGERS)]


@pytest.mark.parametrize(
    "spoil", [lambda file: file.unlink(), lambda file: file.write_text("{")], ids=["no file", "a broken file"]
)
def test_a_score_server_without_the_keys_of_sessions_starts_and_cannot_tell(settings, clock, spoil):
    genuine = guest_session(settings, clock)
    spoil(jwks_file(settings.keys, "guests"))
    with RunningServer(settings, clock) as server:
        assert present(server, genuine, HERS).reason == "TICKET_KEY_UNKNOWN"
    assert audited(settings) == [("ticket_forged", HERS)]
