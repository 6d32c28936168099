"""The yardstick of watches: streams of bare grpc.aio that write the same bytes at the same pace, and nothing else."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import uvloop

from scorewire.score.v1.score_pb2 import Leaderboard, WatchLeaderboardResponse
from scorewire_server.rpc.live import LiveTls
from scorewire_server.rpc.server import server_options
from scorewire_server.rpc.tls import TlsFiles, Trust


class Pulse:
    """Wakes every stream `rate` times a second, each time with the next message of `size` bytes."""

    def __init__(self, rate: float, size: int) -> None:
        self._interval = 1 / rate
        self._size = size
        self._revision = 0
        self._next = asyncio.Event()
        self._message = self._encoded()

    def _encoded(self) -> bytes:
        board = Leaderboard(revision=self._revision)
        message = WatchLeaderboardResponse(leaderboard=board)
        board.board_id = "x" * max(1, self._size - message.ByteSize() - 4)
        message.leaderboard.CopyFrom(board)
        return message.SerializeToString()

    async def beat(self) -> None:
        """Beats until it is cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            self._revision += 1
            self._message = self._encoded()
            woken, self._next = self._next, asyncio.Event()
            woken.set()

    async def watch(self, _: bytes, __: object) -> AsyncIterator[bytes]:
        """What a stream is."""
        while True:
            next_one = self._next
            yield self._message
            await next_one.wait()


async def serve(port: int, certs: Path, rate: float, size: int) -> None:
    """Serves until the process is ended."""
    tls = LiveTls(Trust(TlsFiles.of(certs, "score"), "scorewire.local", "score"))
    server = grpc.aio.server(options=server_options(1024 * 1024))
    pulse = Pulse(rate, size)
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "WatchLeaderboard": grpc.unary_stream_rpc_method_handler(pulse.watch)
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("scorewire.score.v1.ScoreService", handlers)])
    server.add_secure_port(f"127.0.0.1:{port}", tls.server_credentials())
    await server.start()
    await pulse.beat()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
