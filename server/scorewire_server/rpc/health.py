"""`grpc.health.v1`: per service and overall, NOT_SERVING until ready and while draining."""

from collections.abc import Sequence

from grpc_health.v1 import health, health_pb2

SERVICE = health.SERVICE_NAME
OVERALL = ""


class Health:
    """What the health service says of the others."""

    def __init__(self, services: Sequence[str]) -> None:
        self.servicer = health.aio.HealthServicer()
        self.ready = False
        self._names = [OVERALL, *services]

    async def not_serving(self) -> None:
        """Says so of every service."""
        await self._set_all(health_pb2.HealthCheckResponse.NOT_SERVING)

    async def serving(self) -> None:
        """Says so of every service, and lets their calls in."""
        self.ready = True
        await self._set_all(health_pb2.HealthCheckResponse.SERVING)

    async def _set_all(self, status: int) -> None:
        for name in self._names:
            await self.servicer.set(name, status)
