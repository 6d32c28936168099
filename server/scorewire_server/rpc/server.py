"""One gRPC server: what it serves, to whom, and how it starts and drains."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import grpc
import structlog
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from scorewire_server.clock import Clock, system_clock
from scorewire_server.ports import another
from scorewire_server.rpc.admission import Admission
from scorewire_server.rpc.allow import Service, SettingsMistake, allowed_callers
from scorewire_server.rpc.compose import Composer, Policies, standard_policies
from scorewire_server.rpc.decoding import TRANSPORT_FACTOR
from scorewire_server.rpc.health import SERVICE as HEALTH
from scorewire_server.rpc.health import Health
from scorewire_server.rpc.limiting import limits_of
from scorewire_server.rpc.live import LiveTls, followed
from scorewire_server.rpc.policies.caller import caller
from scorewire_server.rpc.policies.deadline import Deadlines
from scorewire_server.settings import ServerSettings

log = structlog.get_logger()
LOOK_SECONDS = 1.0
CURIOUS = ("gateway", "ops")
"""Who may ask, by default, which services there are."""


class RpcServer:
    """A started server; `port` is the one it listens on."""

    def __init__(self, server: grpc.aio.Server, port: int, health: Health, end_watches: Callable[[], None]) -> None:
        self._server = server
        self._end_watches = end_watches
        self.port = port
        self.health = health

    async def drain(self, seconds: float) -> None:
        """Says NOT_SERVING, ends the watches, and gives the calls under way `seconds` to end."""
        await self.health.not_serving()
        # Watches end by themselves only when told; `stop` alone would wait its whole grace for them.
        self._end_watches()
        await self._server.stop(seconds)


@asynccontextmanager
async def serving(  # noqa: PLR0913 - what a server is told, most of it by name
    services: Sequence[Service],
    settings: ServerSettings,
    tls: LiveTls,
    *,
    end_watches: Callable[[], None] = lambda: None,
    reflected: Sequence[str] = (),
    clock: Clock = system_clock,
) -> AsyncIterator[RpcServer]:
    """Listens, NOT_SERVING at first, and drains at the end.

    `end_watches` is called when the drain begins. `reflected` names the services that reflection lists, where it is on.
    Raises SettingsMistake.
    """
    server = grpc.aio.server(options=server_options(settings.max_message_bytes))
    health = Health([service.name for service in services])
    everything = [*services, _health_service(health, tls.everybody), *_reflection(settings, reflected)]
    policies = _policies(everything, settings, tls, health, clock)
    admission = Admission(settings.max_calls_in_progress, policies.deadlines.in_progress)
    composer = Composer(server, policies, admission, everything)
    for service in everything:
        service.add(service.servicer, composer)
    port = listen(server, settings, tls)
    await health.not_serving()
    await server.start()
    looking = asyncio.create_task(look(policies.deadlines, admission))
    rpc_server = RpcServer(server, port, health, end_watches)
    try:
        async with followed(tls.look):
            yield rpc_server
    finally:
        await rpc_server.drain(settings.drain_seconds)
        looking.cancel()


async def serve_until(stop: asyncio.Event, served: AbstractAsyncContextManager[RpcServer]) -> None:
    """Serves until `stop` is set, and then drains; says so in the log. Raises what entering `served` raises."""
    async with served as server:
        log.info("serving", port=server.port)
        await stop.wait()
        log.info("draining")
    log.info("stopped")


async def look(deadlines: Deadlines, admission: Admission) -> None:
    """Once a second, until it is cancelled: ends the calls that are overdue, and tells of those that were refused."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        deadlines.cancel_overdue(time.perf_counter())
        admission.tell()


def _policies(
    services: Sequence[Service], settings: ServerSettings, tls: LiveTls, health: Health, clock: Clock
) -> Policies:
    allowed = allowed_callers(services, settings.allow)
    limits = limits_of(services, settings.limits, settings.limits_remember, clock)
    deadlines = Deadlines(settings.default_deadline_seconds)
    known = caller(tls.domain, allowed)
    return standard_policies(known, lambda: health.ready, limits, deadlines, settings.max_message_bytes)


def _health_service(health: Health, everybody: Sequence[str]) -> Service:
    add = health_pb2_grpc.add_HealthServicer_to_server
    return Service(HEALTH, add, health.servicer, everybody, always=True)


def _reflection(settings: ServerSettings, reflected: Sequence[str]) -> Iterator[Service]:
    if settings.reflection:
        name = reflection.SERVICE_NAME
        servicer = reflection.aio.ReflectionServicer([*reflected, name])
        yield Service(name, reflection_pb2_grpc.add_ServerReflectionServicer_to_server, servicer, CURIOUS)


def listen(server: grpc.aio.Server, settings: ServerSettings, tls: LiveTls) -> int:
    """Binds the server to its port and answers it. Raises SettingsMistake."""
    try:
        return server.add_secure_port(f"{settings.host}:{settings.port}", tls.server_credentials())
    except RuntimeError as taken:
        place = f"port {settings.port} of {settings.host}"
        raise SettingsMistake(f"{place}: address already in use; {another(settings.process, 'port')}") from taken


def server_options(max_message_bytes: int) -> list[tuple[str, int]]:
    """gRPC's channel arguments of every server."""
    return [
        ("grpc.so_reuseport", 0),  # a second server on the same port shall fail, not share it
        ("grpc.max_receive_message_length", TRANSPORT_FACTOR * max_message_bytes),
        # More than the gateway lets through: it refuses headers that are too large with a reason, and gRPC with none.
        ("grpc.max_metadata_size", 128 * 1024),
        # Proxies ping quiet streams; gRPC's default policing would end those after two minutes.
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        # As many as the gateway has on a connection. What comes on top waits with its caller, and not in memory here.
        ("grpc.max_concurrent_streams", 1_000),
        # A gateway that returns brings every watch at once; by itself gRPC cancels calls when 1000 wait for the loop.
        ("grpc.server.max_pending_requests", 100_000),
        ("grpc.server.max_pending_requests_hard_limit", 200_000),
    ]
