"""Another CA while everything is under load: no call fails, no watch ends, and the old CA is refused at last."""

import asyncio
import json
import shutil
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from prometheus_client.parser import text_string_to_metric_families

from scorewire.action.v1.action_pb2 import DoActionRequest
from scorewire.action.v1.action_pb2_grpc import ActionServiceStub
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, WatchLeaderboardRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_client import AsyncScorewire, Tls
from scorewire_server.certs import Pair
from scorewire_server.rotation import forget_old, trust_new, use_new
from scorewire_server.rpc.live import LiveTls
from scorewire_server.rpc.tls import TlsFiles, Trust
from tests.certificates import issue
from tests.processes import TRUST_DOMAIN
from tests.stack import Stack
from tests.waiting import becomes, comes

OPS = f"spiffe://{TRUST_DOMAIN}/ops"
NO_LIMITS = json.dumps({"scorewire.action.v1.ActionService/DoAction": "none"})
ONCE = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
"""A channel that tries once, over a connection of its own."""


@pytest.fixture
def stack(tmp_path: Path):
    """One of the test's own, whose certificates change."""
    with Stack(tmp_path, SCOREWIRE_ACTION__LIMITS=NO_LIMITS) as stack:
        yield stack


class Doors:
    """Every place that demands a certificate: its port, and the name that it shows."""

    def __init__(self, stack: Stack) -> None:
        self.score = (stack.score.port, "score")
        self.action = (stack.action.port, "action")
        self.internal = (stack.gateway.internal_port, "gateway")

    def __iter__(self):
        return iter((self.score, self.action, self.internal))


def channel(door: tuple[int, str], credentials: grpc.ChannelCredentials) -> grpc.aio.Channel:
    """A new connection through a door."""
    port, name = door
    options = [*ONCE, ("grpc.ssl_target_name_override", f"{name}.{TRUST_DOMAIN}")]
    return grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, options=options)


async def is_let_in(door: tuple[int, str], files: TlsFiles) -> bool:
    """Whether a new connection with those files gets through the handshake; the call itself leads nowhere."""
    async with channel(door, files.channel_credentials()) as opened:
        try:
            await opened.unary_unary("/nobody.v1.Nobody/Nothing")(b"", timeout=10)
        except grpc.aio.AioRpcError as error:
            return error.code() is grpc.StatusCode.UNIMPLEMENTED
    raise AssertionError("answered")


async def issuer_shown(door: tuple[int, str], certs: Path) -> x509.AuthorityKeyIdentifier:
    """Whose certificate a new handshake shows."""
    context = ssl.create_default_context(cafile=certs / "ca.pem")
    context.check_hostname = False
    context.load_cert_chain(certs / "ops.pem", certs / "ops.key")
    _, writer = await asyncio.open_connection("127.0.0.1", door[0], ssl=context)
    shown = x509.load_der_x509_certificate(writer.get_extra_info("ssl_object").getpeercert(binary_form=True))
    writer.close()
    return shown.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value


def authority(folder: Path, position: int) -> x509.Certificate:
    """One of the bundle."""
    return x509.load_pem_x509_certificates((folder / "ca.pem").read_bytes())[position]


class Load:
    """Calls and watches of every kind, until told to end. `done` counts the calls; whatever fails ends it all."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._doors = Doors(stack)
        self._ops = LiveTls(Trust(TlsFiles.of(stack.folder / "certs", "ops"), TRUST_DOMAIN, "ops"))
        self.done: Counter[str] = Counter()
        self.seen: dict[str, int] = {}
        """The newest revision that each watch has shown."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as closing:
            public = await closing.enter_async_context(grpc.aio.insecure_channel(self._stack.gateway.address, ONCE))
            direct = await closing.enter_async_context(channel(self._doors.score, self._ops.channel_credentials()))
            files = self._ops_files()
            tls = Tls(files.ca, files.certificate, files.key)
            address = f"https://localhost:{self._stack.score.port}"
            client = await closing.enter_async_context(AsyncScorewire(address, tls=tls))
            rest = await closing.enter_async_context(httpx.AsyncClient(base_url=self._stack.url, timeout=30))
            session = (await rest.post("/api/session/guest", json={"displayName": "Ada"})).json()["token"]
            calls = {
                "actions through the gateway": lambda: self._act(public, session),
                "new connections to the score server": self._read,
                "new connections to the internal listener": self._apply,
                "the Python client": client.top,
                "awards of the Python client": lambda: client.award("grace", 1),
            }
            watches = [
                self._watch("direct", direct),
                self._watch("through the gateway", public),
                self._watch_events(rest),
                self._watch_as_client(client),
            ]
            self._tasks = [asyncio.create_task(each) for each in watches]
            self._tasks += [asyncio.create_task(self._again_and_again(*each)) for each in calls.items()]
            try:
                yield
                self.none_has_ended()
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def none_has_ended(self) -> None:
        """Fails with what failed."""
        for task in self._tasks:
            if task.done():
                task.result()
                raise AssertionError(f"ended by itself: {task}")

    async def goes_on(self) -> None:
        """Returns when every kind of call has been done three times more, and every watch has shown what they did."""
        before, revision = self.done.copy(), max(self.seen.values(), default=0)
        kinds = ("actions through the gateway", "new connections to the internal listener")

        def done() -> bool:
            self.none_has_ended()
            calls = all(self.done[kind] >= before[kind] + 3 for kind in self.done) and len(self.done) == 5
            return calls and len(self.seen) == 4 and min(self.seen.values()) > revision + len(kinds)

        await becomes(done, f"more calls than {before}, and newer boards than {revision}: {self.seen}")

    def _ops_files(self) -> TlsFiles:
        return TlsFiles.of(self._stack.folder / "certs", "ops")

    async def _again_and_again(self, kind: str, call: Callable[[], Awaitable[object]]) -> None:
        while True:
            await call()
            self.done[kind] += 1
            await asyncio.sleep(0.01)

    async def _act(self, public: grpc.aio.Channel, session: str) -> None:
        metadata = (("authorization", f"Bearer {session}"),)
        request = DoActionRequest(action_type="dice.roll")
        answer = await ActionServiceStub(public).DoAction(request, metadata=metadata, timeout=20)
        assert answer.HasField("score"), answer

    async def _read(self) -> None:
        async with channel(self._doors.score, self._newest()) as fresh:
            await ScoreServiceStub(fresh).GetLeaderboard(GetLeaderboardRequest(), timeout=20)

    async def _apply(self) -> None:
        async with channel(self._doors.internal, self._newest()) as fresh:
            await ScoreInternalServiceStub(fresh).ApplyScore(ApplyScoreRequest(user_id="bob", points=1), timeout=20)

    def _newest(self) -> grpc.ChannelCredentials:
        self._ops.look()
        return self._ops.channel_credentials()

    async def _watch(self, name: str, through: grpc.aio.Channel) -> None:
        async for message in ScoreServiceStub(through).WatchLeaderboard(WatchLeaderboardRequest(whole_boards=True)):
            self.seen[name] = max(self.seen.get(name, 0), message.leaderboard.revision)

    async def _watch_events(self, rest: httpx.AsyncClient) -> None:
        events = {"accept": "text/event-stream"}
        async with rest.stream("GET", "/api/leaderboard/watch", headers=events) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    message = json.loads(line.removeprefix("data:"))
                    board = message.get("leaderboard") or message.get("update") or {}
                    self.seen["events"] = max(self.seen.get("events", 0), int(board.get("revision", 0)))

    async def _watch_as_client(self, client: AsyncScorewire) -> None:
        async for board in client.watch():
            self.seen["client"] = board.revision


async def everywhere(doors: Doors, condition: Callable[[tuple[int, str]], Awaitable[bool]], what: str) -> None:
    """Returns when it is true of every door."""
    for door in doors:
        await comes(lambda door=door: condition(door), f"{what} at {door}")


async def test_a_ca_is_rotated_under_load(stack: Stack, tmp_path: Path) -> None:
    certs, doors, load = stack.folder / "certs", Doors(stack), Load(stack)
    shutil.copytree(certs, tmp_path / "old")
    async with load.running():
        await load.goes_on()

        trust_new(certs, TRUST_DOMAIN)
        new = signed_by_the_next(certs, tmp_path)
        await everywhere(doors, lambda door: is_let_in(door, new), "a certificate of the new CA is taken")
        await load.goes_on()

        key_id = x509.SubjectKeyIdentifier.from_public_key(authority(certs, 1).public_key()).digest
        use_new(certs, TRUST_DOMAIN, 30)

        async def shows_new(door: tuple[int, str]) -> bool:
            return (await issuer_shown(door, certs)).key_identifier == key_id

        await everywhere(doors, shows_new, "a certificate of the new CA is shown")
        end = Pair.read(certs, "gateway-internal").certificate.not_valid_after_utc.timestamp()
        await becomes(lambda: shown_to_servers(stack) == {end}, "the gateway shows a new one to the servers")
        await load.goes_on()

        old = TlsFiles(certs / "ca.pem", tmp_path / "old/ops.pem", tmp_path / "old/ops.key")
        assert all([await is_let_in(door, old) for door in doors])
        forget_old(certs)

        async def refuses_old(door: tuple[int, str]) -> bool:
            return not await is_let_in(door, old)

        await everywhere(doors, refuses_old, "a certificate of the old CA is refused")
        assert all([await is_let_in(door, TlsFiles.of(certs, "ops")) for door in doors])
        await load.goes_on()


def signed_by_the_next(certs: Path, folder: Path) -> TlsFiles:
    """A certificate of the CA that is trusted already, and signs nothing yet; with the bundle of now."""
    (folder / "next").mkdir()
    pem = authority(certs, 1).public_bytes(serialization.Encoding.PEM)
    (folder / "next/ca.pem").write_bytes(pem)
    shutil.copy(certs / "ca-next.key", folder / "next/ca.key")
    made = issue(folder / "next", folder / "leaf", uris=(OPS,))
    return TlsFiles(certs / "ca.pem", made.certificate, made.key)


def shown_to_servers(stack: Stack) -> set[float]:
    """When the certificates end, by the gateway's metrics, that its internal listener calls the servers with."""
    metrics = httpx.get(f"http://127.0.0.1:{stack.gateway.metrics_port}/metrics").text
    return {
        sample.value
        for family in text_string_to_metric_families(metrics)
        if family.name == "envoy_cluster_ssl_certificate_expiration_unix_time_seconds"
        for sample in family.samples
        if sample.labels["envoy_tls_certificate"] == "gateway-internal"
    }
