"""When all is ready: both servers say SERVING, and the gateway answers for both."""

from collections.abc import Awaitable, Callable
from operator import not_
from typing import Any, TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tenacity import AsyncRetrying, retry_if_result, wait_fixed

from scorewire_client import AsyncScorewire, ScorewireError
from scorewire_server.rpc.channel import secure_channel
from scorewire_server.rpc.tls import TlsFiles
from scorewire_server.settings import Settings
from scorewire_server.up.plan import address

T = TypeVar("T")

INTERVAL = 0.1
PROBE_TIMEOUT = 2.0


async def until_ready(name: str, settings: Settings) -> None:
    """Waits until the process `name` is ready to serve."""
    if name == "gateway":
        await _gateway_answers(settings)
    else:
        await _server_is_healthy(name, settings)


async def _server_is_healthy(name: str, settings: Settings) -> None:
    """Asks `grpc.health.v1` over mutual TLS, as the operator, until it says SERVING."""
    section = settings.score if name == "score" else settings.action
    target, expected = address(section.host, section.port), f"{name}.{settings.trust_domain}"
    async with secure_channel(target, TlsFiles.of(settings.certs, "ops"), expected) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        await _until(_says_serving, health)


async def _says_serving(health: Any) -> bool:
    try:
        answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=PROBE_TIMEOUT)
    except grpc.aio.AioRpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def _gateway_answers(settings: Settings) -> None:
    """Calls through the gateway until both servers answer behind it."""
    gateway = settings.gateway
    async with AsyncScorewire(address(gateway.host, gateway.port), timeout=PROBE_TIMEOUT) as scorewire:
        await _until(_score_answers, scorewire)
        await _until(_action_answers, scorewire)


async def _score_answers(scorewire: AsyncScorewire) -> bool:
    try:
        await scorewire.top(limit=1)
    except ScorewireError:
        return False
    return True


async def _action_answers(scorewire: AsyncScorewire) -> bool:
    """An action without a session does nothing; who refuses it for that is the action server."""
    try:
        await scorewire.act()
    except ScorewireError as refused:
        return refused.reason == "SESSION_MISSING"
    return True


async def _until(probe: Callable[[T], Awaitable[bool]], peer: T) -> None:
    await AsyncRetrying(retry=retry_if_result(not_), wait=wait_fixed(INTERVAL))(probe, peer)
