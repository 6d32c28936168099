"""What clients are told of a call that a server cut when it stopped, of which gRPC's core says CANCELLED alone.

A stopping server of ours does so to one call in many thousands. Here one does nothing else.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health, health_pb2_grpc

from scorewire.action.v1.action_pb2 import DoActionRequest
from scorewire.action.v1.action_pb2_grpc import ActionServiceStub
from scorewire_server.rpc.tls import TlsFiles
from tests.e2e.players import reason
from tests.refusals import refusal
from tests.stack import GatewayProcess, Stack
from tests.waiting import until


class Cutting(grpc.GenericRpcHandler):
    """Cuts every call of actions."""

    def service(self, details: Any) -> Any:
        if not details.method.startswith("/scorewire."):
            return None
        return grpc.unary_unary_rpc_method_handler(
            lambda _, context: context.abort(grpc.StatusCode.CANCELLED, "Cancelled")
        )


@pytest.fixture
def gateway(stack: Stack, tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway in front of a server that cuts."""
    certs = stack.folder / "certs"
    ca, key, chain = TlsFiles.of(certs, "action").read()
    server = grpc.server(ThreadPoolExecutor(4), handlers=[Cutting()])
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    credentials = grpc.ssl_server_credentials([(key, chain)], root_certificates=ca, require_client_auth=True)
    address = f"127.0.0.1:{server.add_secure_port('127.0.0.1:0', credentials)}"
    server.start()
    process = GatewayProcess(tmp_path, stack.score.address, address, {"SCOREWIRE_CERTS_DIR": str(certs)})
    process.start()
    try:
        yield process
    finally:
        process.kill()
        server.stop(0).wait()


def test_a_call_that_is_cut_is_told_so(gateway: GatewayProcess) -> None:
    def act() -> httpx.Response:
        return httpx.post(f"{gateway.url}/api/action/do-some", json={"some": 1})

    def is_told() -> bool:
        with suppress(httpx.TransportError):
            return reason(act()) == "DRAINING"
        return False

    until(is_told, "an answer of the server that cuts")
    answer = act()
    assert (answer.status_code, answer.json()["code"]) == (503, grpc.StatusCode.UNAVAILABLE.value[0])
    with grpc.insecure_channel(gateway.address, [("grpc.enable_retries", 0)]) as channel:
        refused = refusal(lambda: ActionServiceStub(channel).DoAction(DoActionRequest(), timeout=20))
    assert (refused.code, refused.reason, refused.retry_after) == ("UNAVAILABLE", "DRAINING", 1.0)
