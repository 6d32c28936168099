"""Who gets through to the score server: one TLS version, one CA, and the identities on each service's list."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from scorewire.score.v1.admin_pb2 import RebuildStandingsRequest
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    GetStandingRequest,
    ListStandingsRequest,
    UpdateScoreRequest,
    WatchLeaderboardRequest,
)
from scorewire_server.certs import make_certificates
from scorewire_server.rpc.tls import TlsFiles
from tests.certificates import issue
from tests.processes import TRUST_DOMAIN, ServerProcess
from tests.refusals import Told, outcome, refusal
from tests.running import RunningServer, secure_channel

OPS = f"spiffe://{TRUST_DOMAIN}/ops"
ADA = ApplyScoreRequest(user_id="ada", points=1)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificates of somebody else, with the same names."""
    folder = tmp_path_factory.mktemp("foreign")
    make_certificates(folder, TRUST_DOMAIN)
    return folder


def asked_with(server: RunningServer, channel: grpc.Channel) -> Told | None:
    """What a caller with that channel is told by the service that operators may call."""
    with channel:
        return outcome(lambda: ScoreInternalServiceStub(channel).ApplyScore(ADA, timeout=10))


def untouched(server: RunningServer) -> bool:
    return server.scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard.revision == 0


def no_certificate(server: RunningServer, certs: Path, foreign: Path, folder: Path) -> grpc.Channel:
    credentials = grpc.ssl_channel_credentials((certs / "ca.pem").read_bytes())
    options = [("grpc.ssl_target_name_override", f"score.{TRUST_DOMAIN}")]
    return grpc.secure_channel(server.address, credentials, options)


def foreign_ca(server: RunningServer, certs: Path, foreign: Path, folder: Path) -> grpc.Channel:
    theirs = TlsFiles.of(foreign, "ops")
    return secure_channel(server.address, TlsFiles(certs / "ca.pem", theirs.certificate, theirs.key))


def expired(server: RunningServer, certs: Path, foreign: Path, folder: Path) -> grpc.Channel:
    return secure_channel(server.address, issue(certs, folder, uris=(OPS,), days=-1))


def no_tls(server: RunningServer, certs: Path, foreign: Path, folder: Path) -> grpc.Channel:
    return grpc.insecure_channel(server.address)


@pytest.mark.parametrize("channel", [no_certificate, foreign_ca, expired, no_tls])
def test_who_has_no_certificate_of_the_ca_does_not_get_through(start_score, certs, foreign, tmp_path, channel):
    server = start_score()
    told = asked_with(server, channel(server, certs, foreign, tmp_path))
    assert told is not None
    assert (told.code, told.reason) == ("UNAVAILABLE", None)
    assert untouched(server)


@pytest.mark.parametrize(
    "sans",
    [
        pytest.param({}, id="nothing but a common name"),
        pytest.param({"names": (f"ops.{TRUST_DOMAIN}",)}, id="a DNS name"),
        pytest.param({"uris": ("spiffe://elsewhere.local/ops",)}, id="another trust domain"),
        pytest.param({"uris": (f"spiffe://{TRUST_DOMAIN}.evil.example/ops",)}, id="a domain that begins alike"),
        pytest.param({"uris": (f"https://{TRUST_DOMAIN}/ops",)}, id="another scheme"),
        pytest.param({"uris": (f"spiffe://{TRUST_DOMAIN}/",)}, id="no name"),
        pytest.param({"uris": (OPS, f"spiffe://{TRUST_DOMAIN}/action")}, id="two names"),
        pytest.param({"uris": (OPS, OPS)}, id="one name twice"),
    ],
)
def test_a_certificate_that_names_no_identity(start_score, certs, tmp_path, sans):
    server = start_score()
    told = asked_with(server, secure_channel(server.address, issue(certs, tmp_path, **sans)))
    assert told is not None
    assert (told.code, told.reason) == ("UNAUTHENTICATED", "CALLER_UNKNOWN")
    assert untouched(server)


@pytest.mark.parametrize("name", ["stranger", "ops/admin", "OPS", "ops%2f", "action,ops"])
def test_an_identity_that_is_on_no_list(start_score, certs, tmp_path, name):
    server = start_score()
    uri = f"spiffe://{TRUST_DOMAIN}/{name}"
    told = asked_with(server, secure_channel(server.address, issue(certs, tmp_path, uris=(uri,))))
    assert told is not None
    assert (told.code, told.reason, told.metadata["caller"]) == ("PERMISSION_DENIED", "CALLER_NOT_ALLOWED", name)
    assert untouched(server)


def test_a_certificate_of_ours_with_the_right_name_gets_through(start_score, certs, tmp_path):
    server = start_score()
    assert asked_with(server, secure_channel(server.address, issue(certs, tmp_path, uris=(OPS,)))) is None


CALLS = {
    "UpdateScore": lambda s: s.scores.UpdateScore(UpdateScoreRequest(data="{}")),
    "GetLeaderboard": lambda s: s.scores.GetLeaderboard(GetLeaderboardRequest()),
    "GetStanding": lambda s: s.scores.GetStanding(GetStandingRequest(user_id="nobody")),
    "ListStandings": lambda s: s.scores.ListStandings(ListStandingsRequest()),
    "WatchLeaderboard": lambda s: next(s.scores.WatchLeaderboard(WatchLeaderboardRequest())),
    "ApplyScore": lambda s: s.internal.ApplyScore(ADA),
    "ApplyScores": lambda s: s.internal.ApplyScores(ApplyScoresRequest(awards=[ADA])),
    "RebuildStandings": lambda s: next(s.admin.RebuildStandings(RebuildStandingsRequest())),
}
ALLOWED = {"ApplyScore": ("action", "ops"), "ApplyScores": ("action", "ops"), "RebuildStandings": ("ops",)}


class Stubs:
    """Every service, as one identity."""

    def __init__(self, server: RunningServer, identity: str) -> None:
        self.scores, self.internal = server.scores(identity), server.internal(identity)
        self.admin = server.admin(identity)


@pytest.mark.parametrize("identity", ["action", "score", "gateway", "gateway-internal", "ops"])
@pytest.mark.parametrize("method", CALLS)
def test_each_identity_calls_what_its_lists_allow(grpc_server, method, identity):
    told = outcome(lambda: CALLS[method](Stubs(grpc_server, identity)))
    reason = told.reason if told else None
    if identity == "gateway-internal":  # it speaks for others, and here for nobody
        assert reason == "CALLER_UNKNOWN"
    elif identity in ALLOWED.get(method, ("gateway", "ops")):
        assert reason in (None, "TICKET_MISSING", "STANDING_NOT_FOUND")
    else:
        assert (told.code, reason) == ("PERMISSION_DENIED", "CALLER_NOT_ALLOWED")
        assert told.metadata["caller"] == identity


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, certs: Path, keys: Path) -> Iterator[ServerProcess]:
    """A process of its own, because gRPC reads which versions it may speak once, when it is imported."""
    folder = tmp_path_factory.mktemp("process")
    (folder / "certs").symlink_to(certs)
    (folder / "keys").symlink_to(keys)
    server = ServerProcess("score", folder).start().wait_ready()
    yield server
    server.stop()


def handshake(port: int, certs: Path, **versions: ssl.TLSVersion) -> str | None:
    """The version agreed on, with all else as it should be. Raises OSError where there is none."""
    context = ssl.create_default_context(cafile=str(certs / "ca.pem"))
    context.load_cert_chain(certs / "ops.pem", certs / "ops.key")
    context.set_alpn_protocols(["h2"])
    context.check_hostname = False
    for name, version in versions.items():
        setattr(context, name, version)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, context.wrap_socket(plain) as tls:
        tls.recv(1)  # the server's settings: the handshake is over on its side too
        return tls.version()


def test_tls_13_it_is(process, certs):
    assert handshake(process.port, certs) == "TLSv1.3"
    assert handshake(process.port, certs, minimum_version=ssl.TLSVersion.TLSv1_3) == "TLSv1.3"


def test_tls_12_is_refused(process, certs):
    with pytest.raises(OSError, match=r"(?i)handshake|reset|alert|EOF"):
        handshake(process.port, certs, maximum_version=ssl.TLSVersion.TLSv1_2)


def test_a_client_knows_its_server(start_score, certs, foreign):
    """The server has to show the name that the client expects, by the CA that the client trusts."""
    server = start_score()
    ours, theirs = TlsFiles.of(certs, "ops"), TlsFiles.of(foreign, "ops")
    options = [("grpc.ssl_target_name_override", f"action.{TRUST_DOMAIN}")]
    elsewhere = grpc.secure_channel(server.address, ours.channel_credentials(), options)
    assert asked_with(server, elsewhere).code == "UNAVAILABLE"
    distrustful = secure_channel(server.address, TlsFiles(theirs.ca, ours.certificate, ours.key))
    assert asked_with(server, distrustful).code == "UNAVAILABLE"


def test_a_token_is_no_certificate(start_score, tickets):
    """Whoever has a ticket still cannot call the internal service through the public gateway's identity."""
    server = start_score()
    bearer = [("authorization", f"Bearer {tickets.issue('ada', None, '{}')}")]
    told = refusal(lambda: server.internal("gateway").ApplyScore(ADA, metadata=bearer))
    assert told.reason == "CALLER_NOT_ALLOWED"
