"""The health check of a server, for tests."""

from typing import Any

import grpc
from grpc_health.v1 import health_pb2_grpc


def health_of(channel: grpc.Channel | grpc.aio.Channel) -> Any:
    """Its stub, whose types know no calls."""
    return health_pb2_grpc.HealthStub(channel)
