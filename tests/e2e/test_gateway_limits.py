"""Limits of the gateway itself: by the address that is connected, or that a proxy of ours says; never by a lie."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import httpx
import pytest

from scorewire.score.v1.score_pb2 import GetLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.e2e import grpc_web
from tests.e2e.players import reason
from tests.refusals import refusal
from tests.stack import PLAINTEXT, GatewayProcess, Stack
from tests.waiting import until

BOARD = "/api/leaderboard"
ORIGIN = "https://app.example.com"


@contextmanager
def limited(stack: Stack, folder: Path, **settings: str) -> Iterator[GatewayProcess]:
    """A gateway in front of the servers of all, which is ready; it has asked them from 127.0.0.1 already."""
    env = {f"SCOREWIRE_GATEWAY__{name.upper()}": value for name, value in settings.items()}
    env |= {"SCOREWIRE_CERTS_DIR": str(stack.folder / "certs")}
    env |= {"SCOREWIRE_GATEWAY__ALLOWED_ORIGINS": f'["{ORIGIN}"]'}
    process = GatewayProcess(folder, stack.score.address, stack.action.address, env)
    process.start()
    try:
        yield process.wait_ready()
    finally:
        process.kill()


@pytest.fixture(scope="module")
def gateway(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    with limited(stack, tmp_path_factory.mktemp("limited"), address_requests="500/day") as process:
        yield process


@pytest.fixture(scope="module")
def behind_a_proxy(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """One with a proxy of ours in front: the test."""
    settings = {"address_requests": "500/day", "trusted_hops": "1"}
    with limited(stack, tmp_path_factory.mktemp("behind"), **settings) as process:
        yield process


def from_address(gateway: GatewayProcess, address: str) -> httpx.Client:
    return httpx.Client(base_url=gateway.url, transport=httpx.HTTPTransport(local_address=address), timeout=30)


def use_up(client: httpx.Client, **headers: str) -> httpx.Response:
    """Calls until it is refused; answers the refusal."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for _ in range(500):
        assert client.get(BOARD, headers=given).status_code == httpx.codes.OK
    return client.get(BOARD, headers=given)


async def test_a_burst_from_many_connections_is_held_to_the_limit_exactly(gateway: GatewayProcess) -> None:
    async def calls(http2: bool) -> list[int]:
        transport = httpx.AsyncHTTPTransport(local_address="127.0.0.2", http1=not http2, http2=http2)
        async with httpx.AsyncClient(base_url=gateway.url, transport=transport, timeout=60) as client:
            return [(await client.get(BOARD)).status_code for _ in range(100)]

    many = await asyncio.gather(*(calls(number % 2 == 0) for number in range(12)))
    codes = [code for each in many for code in each]
    assert (codes.count(200), codes.count(429)) == (500, 700)


def test_no_header_changes_whose_requests_are_counted(gateway: GatewayProcess) -> None:
    with from_address(gateway, "127.0.0.3") as flooder, from_address(gateway, "127.0.0.4") as other:
        refused = use_up(flooder)
        assert refused.status_code == httpx.codes.TOO_MANY_REQUESTS
        for name in ("x-forwarded-for", "x-real-ip", "forwarded", "x-envoy-external-address", "true-client-ip"):
            assert flooder.get(BOARD, headers={name: "192.0.2.1"}).status_code == httpx.codes.TOO_MANY_REQUESTS
        # Nor does it help to call in the name of somebody who has not used up anything, or to be taken for the flooder.
        assert other.get(BOARD, headers={"x-forwarded-for": "127.0.0.3"}).status_code == httpx.codes.OK


def test_rest_is_told_what_it_can_do(gateway: GatewayProcess) -> None:
    with from_address(gateway, "127.0.0.5") as client:
        refused = use_up(client, origin=ORIGIN)
    assert (refused.status_code, reason(refused)) == (httpx.codes.TOO_MANY_REQUESTS, "RATE_LIMITED")
    assert refused.headers["retry-after"] == "173"  # a day by five hundred
    assert refused.headers["x-ratelimit-limit"] == "500, 500;w=86400"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert refused.headers["access-control-allow-origin"] == ORIGIN
    assert {"retry-after", "x-ratelimit-limit"} <= set(refused.headers["access-control-expose-headers"].split(", "))
    retry = [each for each in refused.json()["details"] if each["@type"].endswith("RetryInfo")]
    assert retry == [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "173s"}]


def test_grpc_and_grpc_web_are_told_the_same(behind_a_proxy: GatewayProcess) -> None:
    with httpx.Client(base_url=behind_a_proxy.url) as client:
        use_up(client, x_forwarded_for="192.0.2.7")
    forwarded = (("x-forwarded-for", "192.0.2.7"),)
    with grpc.insecure_channel(behind_a_proxy.address, [("grpc.enable_retries", 0)]) as channel:
        ask = ScoreServiceStub(channel).GetLeaderboard
        told = refusal(lambda: ask(GetLeaderboardRequest(), metadata=forwarded))
        assert (told.code, told.reason, told.retry_after) == ("RESOURCE_EXHAUSTED", "RATE_LIMITED", 173)
    for content_type in (grpc_web.BINARY, grpc_web.TEXT):
        method, asked = "scorewire.score.v1.ScoreService/GetLeaderboard", GetLeaderboardRequest()
        answer = grpc_web.call(behind_a_proxy.url, method, asked, content_type, x_forwarded_for="192.0.2.7")
        assert answer.refusal == told


def test_of_a_trusted_proxy_the_last_address_counts(behind_a_proxy: GatewayProcess) -> None:
    with httpx.Client(base_url=behind_a_proxy.url) as client:
        refused = use_up(client, x_forwarded_for="192.0.2.8")
        assert refused.status_code == httpx.codes.TOO_MANY_REQUESTS
        for said, code in {"198.51.100.1, 192.0.2.8": 429, "192.0.2.8, 198.51.100.1": 200}.items():
            assert client.get(BOARD, headers={"x-forwarded-for": said}).status_code == code


def test_who_has_a_network_of_ipv6_has_one_address(behind_a_proxy: GatewayProcess) -> None:
    with httpx.Client(base_url=behind_a_proxy.url) as client:
        use_up(client, x_forwarded_for="2001:db8::1")
        for said, code in {"2001:db8::ffff": 429, "2001:db8:0:1::1": 200}.items():
            assert client.get(BOARD, headers={"x-forwarded-for": said}).status_code == code


def test_a_flood_is_not_a_flood_of_lines_in_the_log(gateway: GatewayProcess) -> None:
    with from_address(gateway, "127.0.0.6") as client:
        use_up(client)
        for _ in range(500):
            assert client.get(BOARD).status_code == httpx.codes.TOO_MANY_REQUESTS
        client.post("/api/leaderboard", headers={"x-request-id": "the-last-one"})

    def lines() -> list[str]:
        return [line for line in gateway.log().splitlines() if '"client":"127.0.0.6"' in line]

    until(lambda: len(lines()) >= 500, "the lines of what was answered")
    assert sum('"status":429' in line for line in lines()) < 50


def test_connections_are_bounded(stack: Stack, tmp_path: Path) -> None:
    with limited(stack, tmp_path, max_connections="20") as gateway, ExitStack() as opened:
        held = [opened.enter_context(connected(gateway)) for _ in range(40)]
        answered = [connection for connection in held if answers(connection)]
        assert 0 < len(answered) <= 20
        for connection in held:
            connection.close()
        board = f"{gateway.url}{BOARD}"
        until(lambda: httpx.get(board, verify=PLAINTEXT).status_code == httpx.codes.OK, "a place for another one")


def connected(gateway: GatewayProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", gateway.port), timeout=10)


def answers(connection: socket.socket) -> bool:
    try:
        connection.sendall(b"GET /api/leaderboard HTTP/1.1\r\nhost: a\r\n\r\n")
        return connection.recv(64).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False
