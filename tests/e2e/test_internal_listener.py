"""The internal listener: who gets in, as whom, and to what."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import grpc
import httpx
import pytest
import trustme

from scorewire.score.v1.admin_pb2 import RebuildStandingsRequest
from scorewire.score.v1.admin_pb2_grpc import ScoreAdminServiceStub
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.certs import make_certificates
from scorewire_server.rpc.tls import TlsFiles
from tests.e2e.players import reason
from tests.needs import need
from tests.processes import TRUST_DOMAIN
from tests.refusals import refusal
from tests.stack import Stack

UPDATE = "/api/internal/score/update"


def post(
    stack: Stack, context: ssl.SSLContext, body: object, path: str = UPDATE, headers: dict[str, str] | None = None
) -> httpx.Response:
    with httpx.Client(base_url=stack.gateway.internal_url, verify=context, timeout=30) as client:
        return client.post(path, json=body, headers=headers)


def internal(stack: Stack, identity: str) -> grpc.Channel:
    files = TlsFiles.of(stack.folder / "certs", identity)
    name = [("grpc.ssl_target_name_override", f"gateway.{TRUST_DOMAIN}")]
    return grpc.secure_channel(f"127.0.0.1:{stack.gateway.internal_port}", files.channel_credentials(), name)


def test_the_call_to_the_letter(stack: Stack) -> None:
    answer = post(stack, stack.gateway.client_tls("ops"), {"userId": "told-by-ops", "points": 10})
    assert answer.status_code == httpx.codes.OK
    award = answer.json()
    assert award["message"] == "Score updated successfully."
    assert award["status"] == "success"
    assert award["scoreIncrease"] == 10
    assert award["score"] == "10"
    assert award["awardId"]
    assert '"caller":"ops","user":"told-by-ops"' in stack.score.log()


def test_an_increase_of_nothing_is_told_too(stack: Stack) -> None:
    answer = post(stack, stack.gateway.client_tls("ops"), {"userId": "renamed", "points": 0, "displayName": "Ada"})
    assert answer.status_code == httpx.codes.OK
    assert (answer.json()["scoreIncrease"], answer.json()["score"]) == (0, "0")


def test_the_same_award_again_counts_once(stack: Stack) -> None:
    context = stack.gateway.client_tls("ops")
    body = {"userId": "twice", "points": 5, "awardId": "one-award"}
    first, again = post(stack, context, body), post(stack, context, body)
    assert first.json() == again.json()
    other = post(stack, context, body | {"points": 6})
    assert (other.status_code, reason(other)) == (409, "AWARD_ID_REUSED")


def test_grpc_is_served_too(stack: Stack) -> None:
    with internal(stack, "ops") as channel:
        stub = ScoreInternalServiceStub(channel)
        assert stub.ApplyScore(ApplyScoreRequest(user_id="by-grpc", points=1), timeout=20).status == "success"
        batch = ApplyScoresRequest(awards=[ApplyScoreRequest(user_id="by-grpc", points=1)] * 3)
        assert len(stub.ApplyScores(batch, timeout=20).results) == 3


@pytest.mark.parametrize("identity", ["action", "score", "gateway", "gateway-internal"])
def test_identities_that_are_not_listed_are_told_so(stack: Stack, identity: str) -> None:
    answer = post(stack, stack.gateway.client_tls(identity), {"userId": "not-listed", "points": 10})
    assert (answer.status_code, reason(answer)) == (403, "CALLER_NOT_ALLOWED")
    with internal(stack, identity) as channel:
        call = ScoreInternalServiceStub(channel).ApplyScore
        refused = refusal(lambda: call(ApplyScoreRequest(user_id="not-listed", points=10), timeout=20))
    assert (refused.code, refused.reason) == ("PERMISSION_DENIED", "CALLER_NOT_ALLOWED")
    assert nobody_has_points(stack, "not-listed")


def test_curl_is_told_so_every_time(stack: Stack) -> None:
    program = need("curl", "and only it minds how a refusal ends a HTTP/2 stream", "apt-get install curl")
    certs = stack.folder / "certs"
    files = ["--cacert", certs / "ca.pem", "--cert", certs / "score.pem", "--key", certs / "score.key"]
    for path in [UPDATE, "/api/internal/nope"] * 5:
        command = [program, "--silent", "--show-error", *files, "--data", "{}", stack.gateway.internal_url + path]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert told.stderr == ""
        assert '"domain":"scorewire"' in told.stdout


def no_certificate(stack: Stack, _: Path) -> ssl.SSLContext:
    return stack.gateway.client_tls(None)


def foreign_ca(stack: Stack, folder: Path) -> ssl.SSLContext:
    """The right name, from an authority that nobody here trusts."""
    make_certificates(folder, TRUST_DOMAIN)
    return showing(stack, folder / "ops.pem", folder / "ops.key")


def tls_1_2(stack: Stack, _: Path) -> ssl.SSLContext:
    context = stack.gateway.client_tls("ops")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def showing(stack: Stack, certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    context = stack.gateway.client_tls(None)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize("make", [no_certificate, foreign_ca, tls_1_2])
def test_strangers_do_not_get_in(stack: Stack, tmp_path: Path, make) -> None:
    with pytest.raises(httpx.TransportError):
        post(stack, make(stack, tmp_path), {"userId": "stranger", "points": 10})
    assert nobody_has_points(stack, "stranger")


def test_plaintext_does_not_get_in(stack: Stack) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.post(f"http://127.0.0.1:{stack.gateway.internal_port}{UPDATE}", json={"userId": "stranger", "points": 10})


def another_domain(stack: Stack, folder: Path) -> ssl.SSLContext:
    for name in ("ca.pem", "ca.key"):
        shutil.copy(stack.folder / "certs" / name, folder)
    assert "ca" not in make_certificates(folder, "elsewhere.local")
    return showing(stack, folder / "ops.pem", folder / "ops.key")


def host_name_alone(stack: Stack, folder: Path) -> ssl.SSLContext:
    certs = stack.folder / "certs"
    ca = trustme.CA.from_pem((certs / "ca.pem").read_bytes(), (certs / "ca.key").read_bytes())
    ca.issue_cert(f"action.{TRUST_DOMAIN}").private_key_and_cert_chain_pem.write_to_path(folder / "client.pem")
    return showing(stack, folder / "client.pem")


@pytest.mark.parametrize("make", [another_domain, host_name_alone])
def test_certificates_without_an_identity_of_the_domain_are_told_so(stack: Stack, tmp_path: Path, make) -> None:
    answer = post(stack, make(stack, tmp_path), {"userId": "nameless", "points": 10})
    assert (answer.status_code, reason(answer)) == (403, "CALLER_NOT_ALLOWED")
    assert nobody_has_points(stack, "nameless")


def test_a_forged_identity_is_replaced_by_the_real_one(stack: Stack) -> None:
    headers = {"x-forwarded-client-cert": f"URI=spiffe://{TRUST_DOMAIN}/action"}
    with httpx.Client(base_url=stack.gateway.internal_url, verify=stack.gateway.client_tls("ops")) as client:
        answer = client.post(UPDATE, json={"userId": "forger", "points": 1}, headers=headers)
    assert answer.status_code == httpx.codes.OK
    assert '"caller":"ops","user":"forger"' in stack.score.log()


def test_the_gateway_shows_its_own_identity(stack: Stack) -> None:
    context = stack.gateway.client_tls("ops")
    address = ("127.0.0.1", stack.gateway.internal_port)
    with context.wrap_socket(socket.create_connection(address), server_hostname="localhost") as connection:
        names = dict(connection.getpeercert()["subjectAltName"])
    assert names["URI"] == f"spiffe://{TRUST_DOMAIN}/gateway"


@pytest.mark.parametrize("path", ["/", "/api/leaderboard", "/api/score/update", "/metrics", "/api/internal/nope"])
def test_nothing_else_is_served(stack: Stack, path: str) -> None:
    answer = post(stack, stack.gateway.client_tls("ops"), {}, path)
    assert (answer.status_code, reason(answer)) == (404, "ROUTE_UNKNOWN")


def test_the_other_services_are_not_served(stack: Stack) -> None:
    with internal(stack, "ops") as channel:
        call, rebuild = ScoreServiceStub(channel).GetLeaderboard, ScoreAdminServiceStub(channel).RebuildStandings
        refused = refusal(lambda: call(GetLeaderboardRequest(), timeout=20))
        assert refusal(lambda: next(rebuild(RebuildStandingsRequest(), timeout=20))).code == refused.code
    assert (refused.code, refused.reason) == ("UNIMPLEMENTED", "ROUTE_UNKNOWN")


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        pytest.param({"userId": "u"}, 400, "INVALID_FIELD", id="no points"),
        pytest.param({"points": 1}, 400, "INVALID_FIELD", id="no user"),
        pytest.param({"userId": "u", "points": "many"}, 400, "REQUEST_MALFORMED", id="points in words"),
        pytest.param({"userId": "u", "points": 10**7}, 400, "POINTS_OUT_OF_BOUNDS", id="too many points"),
        pytest.param({"userId": "u", "points": 1, "actionType": "no.rule"}, 400, "SCORING_RULE_MISSING", id="no rule"),
        pytest.param({"userId": "u" * 1024 * 1024, "points": 1}, 413, "MESSAGE_TOO_LARGE", id="too large"),
    ],
)
def test_refusals_are_json_with_a_reason(stack: Stack, body: object, status: int, expected: str) -> None:
    answer = post(stack, stack.gateway.client_tls("ops"), body)
    assert (answer.status_code, reason(answer)) == (status, expected)


def nobody_has_points(stack: Stack, user_id: str) -> bool:
    return reason(httpx.get(f"{stack.url}/api/standings/{user_id}")) == "STANDING_NOT_FOUND"
