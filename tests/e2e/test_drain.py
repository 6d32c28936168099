"""How the gateway starts, drains and ends, with Envoy always."""

import shutil
import signal
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
import httpx
import psutil
import pytest
import trustme

from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.certs import make_certificates
from scorewire_server.files import OWNER_ONLY, replace_file
from tests.e2e.players import Player
from tests.e2e.reflecting import asking_what_is_served
from tests.processes import TRUST_DOMAIN
from tests.refusals import refusal
from tests.stack import GatewayProcess, Stack
from tests.waiting import until


@pytest.fixture
def gateway(stack: Stack, tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway of the test's own, in front of the servers of all."""
    with started(stack, tmp_path, SCOREWIRE_GATEWAY__DRAIN_SECONDS="20") as gateway:
        yield gateway.wait_ready()


@contextmanager
def started(stack: Stack, folder: Path, **env: str) -> Iterator[GatewayProcess]:
    env = {"SCOREWIRE_CERTS_DIR": str(stack.folder / "certs")} | env
    process = GatewayProcess(folder, stack.score.address, stack.action.address, env)
    process.start()
    try:
        yield process
    finally:
        process.kill()


def envoy_of(gateway: GatewayProcess) -> psutil.Process:
    (envoy,) = psutil.Process(gateway.pid).children()
    return envoy


@contextmanager
def slow_action(gateway: GatewayProcess, folder: Path) -> Iterator[tuple[Path, Future[httpx.Response]]]:
    """An action under way; it ends when the file is made."""
    file = folder / "go"
    with httpx.Client(base_url=gateway.url, timeout=60) as rest, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(Player.signed_in(rest).do, str(file), "slow.wait")
        until(file.with_suffix(".begun").exists, "an action that begins")
        try:
            yield file, answer
        finally:
            file.touch()


def test_a_drain_waits_for_calls_and_not_for_watches(gateway: GatewayProcess, tmp_path: Path) -> None:
    envoy = envoy_of(gateway)
    with httpx.stream("GET", f"{gateway.url}/api/leaderboard/watch", timeout=30) as watch:
        lines = watch.iter_lines()
        assert next(lines)
        with slow_action(gateway, tmp_path) as (file, answer), ThreadPoolExecutor(1) as pool:
            stopped = pool.submit(gateway.stop)
            until(lambda: '"event":"draining"' in gateway.log(), "a drain that begins")
            assert next(line for line in lines if line)
            assert not answer.done()
            file.touch()
            assert answer.result().json()["message"] == "Successfully"
            assert stopped.result() == 0
    assert '"event":"stopped"' in gateway.log()
    assert "calls were cut" not in gateway.log()
    assert not envoy.is_running()


def test_a_drain_does_not_wait_for_who_asks_what_is_served(gateway: GatewayProcess) -> None:
    with asking_what_is_served(gateway.address):
        gateway.stop()
    assert "calls were cut" not in gateway.log()


def test_watches_over_grpc_end_unavailable(gateway: GatewayProcess) -> None:
    with grpc.insecure_channel(gateway.address, [("grpc.enable_retries", 0)]) as channel:
        watch = ScoreServiceStub(channel).WatchLeaderboard(WatchLeaderboardRequest(), timeout=60)
        assert next(watch).HasField("leaderboard")
        assert gateway.stop() == 0
        assert refusal(lambda: list(watch)).code == "UNAVAILABLE"


def test_a_drain_ends_when_its_time_is_over(stack: Stack, tmp_path: Path) -> None:
    with started(stack, tmp_path, SCOREWIRE_GATEWAY__DRAIN_SECONDS="0.2") as gateway:
        gateway.wait_ready()
        with slow_action(gateway, tmp_path) as (_, answer):
            assert gateway.stop() == 0
            assert isinstance(answer.exception(), httpx.TransportError)
    assert "calls were cut" in gateway.log()


def test_an_idle_gateway_stops_at_once(gateway: GatewayProcess) -> None:
    assert gateway.stop() == 0
    assert "calls were cut" not in gateway.log()


def test_envoy_does_not_outlive_a_gateway_that_is_killed(gateway: GatewayProcess) -> None:
    envoy = envoy_of(gateway)
    gateway.kill()
    until(lambda: not envoy.is_running(), "an Envoy that ends")


def test_a_gateway_ends_when_envoy_does(gateway: GatewayProcess) -> None:
    envoy_of(gateway.wait_listening()).send_signal(signal.SIGKILL)
    assert gateway.wait_ended() == 1
    assert "envoy was killed by SIGKILL" in gateway.log()


def test_a_port_in_use_is_named_with_its_setting(stack: Stack, tmp_path: Path) -> None:
    for name, port in (("PORT", stack.gateway.port), ("INTERNAL_PORT", stack.gateway.internal_port)):
        with started(stack, tmp_path, **{f"SCOREWIRE_GATEWAY__{name}": str(port)}) as gateway:
            assert gateway.wait_ended() == 1
            assert f"port {port} of 127.0.0.1: address already in use" in gateway.log()
            assert f"SCOREWIRE_GATEWAY__{name}" in gateway.log()


def test_missing_certificates_are_named(stack: Stack, tmp_path: Path) -> None:
    with started(stack, tmp_path, SCOREWIRE_CERTS_DIR=str(tmp_path)) as gateway:
        assert gateway.wait_ended() == 1
        assert "scorewire certs" in gateway.log()


def test_ports_may_be_left_to_the_system(stack: Stack, tmp_path: Path) -> None:
    ports = {f"SCOREWIRE_GATEWAY__{name}": "0" for name in ("PORT", "INTERNAL_PORT", "ADMIN_PORT")}
    with started(stack, tmp_path, **ports) as gateway:
        gateway.wait_listening()
        assert '"public":0' not in gateway.log()


def test_tls_beside_plaintext_on_the_public_port(stack: Stack, tmp_path: Path) -> None:
    ca = trustme.CA()
    certificate = ca.issue_cert("localhost", "127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "public.pem")
    replace_file(tmp_path / "public.key", certificate.private_key_pem.bytes(), OWNER_ONLY)
    files = {
        "SCOREWIRE_GATEWAY__TLS_CERTIFICATE": str(tmp_path / "public.pem"),
        "SCOREWIRE_GATEWAY__TLS_KEY": str(tmp_path / "public.key"),
    }
    context = ssl.create_default_context()
    ca.configure_trust(context)
    with started(stack, tmp_path, **files) as gateway:
        gateway.wait_ready()
        with httpx.Client(base_url=f"https://{gateway.address}", verify=context, http2=True) as rest:
            answer = rest.get("/api/leaderboard")
            assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
            assert rest.post("/api/internal/score/update", json={}).status_code == httpx.codes.NOT_FOUND
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        assert httpx.get(f"https://{gateway.address}/api/leaderboard", verify=context).status_code == httpx.codes.OK


def test_a_renewed_certificate_is_used_without_a_restart(stack: Stack, tmp_path: Path) -> None:
    certs = tmp_path / "certs"
    shutil.copytree(stack.folder / "certs", certs)
    with started(stack, tmp_path, SCOREWIRE_CERTS_DIR=str(certs)) as gateway:
        gateway.wait_ready()
        before = serial_number(gateway)
        (certs / "gateway.pem").unlink()
        assert make_certificates(certs, TRUST_DOMAIN) == ["gateway"]
        until(lambda: serial_number(gateway) != before, "the renewed certificate")
        assert httpx.get(f"{gateway.url}/api/leaderboard").status_code == httpx.codes.OK


def serial_number(gateway: GatewayProcess) -> str:
    """Of the certificate that the internal listener shows."""
    address = ("127.0.0.1", gateway.internal_port)
    context = gateway.client_tls("ops")
    with context.wrap_socket(socket.create_connection(address), server_hostname="localhost") as connection:
        return str(connection.getpeercert()["serialNumber"])


def test_half_a_pair_of_tls_files_stops_the_start(stack: Stack, tmp_path: Path) -> None:
    with started(stack, tmp_path, SCOREWIRE_GATEWAY__TLS_CERTIFICATE=str(tmp_path / "public.pem")) as gateway:
        assert gateway.wait_ended() != 0
        assert "belong together" in gateway.log()


def test_the_log_has_every_request_and_no_token(gateway: GatewayProcess) -> None:
    with httpx.Client(base_url=gateway.url) as rest:
        player = Player.signed_in(rest)
        outcome = player.answer_quiz().json()
        player.redeem(outcome["token"], outcome["result"])
        resume = rest.get("/api/leaderboard").json()["resumeToken"]
        rest.get("/api/leaderboard/watch", params={"boardId": "none", "resumeToken": resume})
        rest.get("/api/last", headers={"x-request-id": "the-last-one"})
    until(lambda: "the-last-one" in gateway.log(), "the last line")
    log = gateway.log()
    for path in ("/api/session/guest", "/api/action/do-some", "/api/score/update", "/api/leaderboard/watch"):
        assert f'"path":"{path}"' in log
    for secret in (player.session["authorization"].split()[1], outcome["token"], resume):
        assert secret not in log


def test_configuration_is_for_its_owner_alone(gateway: GatewayProcess) -> None:
    folder = gateway.data_dir / "gateway"
    inside = list(folder.rglob("*"))
    assert {each.stat().st_mode & 0o777 for each in (folder, *inside) if each.is_dir()} == {0o700}
    assert {each.stat().st_mode & 0o777 for each in inside if each.is_file()} == {0o600}
    secret = {each.suffix for each in inside if each.is_file() and "PRIVATE KEY" in each.read_text()}
    assert secret == {".key"}  # Envoy may quote the others in its log
