"""The yardstick: the same RPCs on the same stack (grpc.aio, uvloop, mutual TLS), with handlers that do nothing."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import grpc
import uvloop

from scorewire.score.v1 import internal_pb2, internal_pb2_grpc, score_pb2, score_pb2_grpc
from scorewire_server.rpc.live import LiveTls
from scorewire_server.rpc.server import server_options
from scorewire_server.rpc.tls import TlsFiles, Trust


class EmptyScoreService(score_pb2_grpc.ScoreServiceServicer):
    """Answers with nothing."""

    async def GetLeaderboard(self, _: Any, __: Any) -> score_pb2.GetLeaderboardResponse:
        """An empty board."""
        return score_pb2.GetLeaderboardResponse()

    async def GetStanding(self, _: Any, __: Any) -> score_pb2.GetStandingResponse:
        """No standing."""
        return score_pb2.GetStandingResponse()


class EmptyScoreInternalService(internal_pb2_grpc.ScoreInternalServiceServicer):
    """Answers with nothing."""

    async def ApplyScore(self, _: Any, __: Any) -> internal_pb2.ApplyScoreResponse:
        """No award."""
        return internal_pb2.ApplyScoreResponse()


async def serve(port: int, certs: Path) -> None:
    """Serves until the process is ended."""
    tls = LiveTls(Trust(TlsFiles.of(certs, "score"), "scorewire.local", "score"))
    server = grpc.aio.server(options=server_options(1024 * 1024))
    score_pb2_grpc.add_ScoreServiceServicer_to_server(EmptyScoreService(), server)  # type: ignore[abstract] # nobody calls the rest
    internal_pb2_grpc.add_ScoreInternalServiceServicer_to_server(EmptyScoreInternalService(), server)  # type: ignore[abstract] # nor of this
    server.add_secure_port(f"127.0.0.1:{port}", tls.server_credentials())
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
