"""A gRPC server that answers by script, and the client in both kinds, called alike."""

import asyncio
import random
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from grpc_status import rpc_status

from scorewire_client import AsyncScorewire, Scorewire
from scorewire_server.errors import Refusal
from scorewire_server.rpc.status import status_of

WATCH = "/scorewire.score.v1.ScoreService/WatchLeaderboard"

Step = Message | Refusal | grpc.StatusCode | None
"""A message to send, a way to fail, or `None`: silence until the client goes away."""


@dataclass
class Peer(grpc.GenericRpcHandler):
    """Plays one script per call of a method, in order, or what `answers` has for it; remembers what it was sent."""

    scripts: dict[str, deque[list[Step]]] = field(default_factory=dict)
    answers: dict[str, Callable[[bytes], list[Step]]] = field(default_factory=dict)
    received: list[tuple[bytes, dict[str, Any]]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    def expect(self, method: str, *calls: list[Step]) -> None:
        self.scripts[method] = deque(calls)

    def service(self, handler_call_details: Any) -> grpc.RpcMethodHandler:
        method = handler_call_details.method
        if method == WATCH:
            return grpc.unary_stream_rpc_method_handler(lambda request, context: self._play(method, request, context))
        return grpc.unary_unary_rpc_method_handler(lambda request, context: next(self._play(method, request, context)))

    def _play(self, method: str, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        self.received.append((request, dict(context.invocation_metadata())))
        steps = self.answers[method](request) if method in self.answers else self.scripts[method].popleft()
        if method == WATCH and (not steps or steps[0] is None or isinstance(steps[0], Message)):
            context.send_initial_metadata(())  # as the real one does for a watch that it takes
        for step in steps:
            if isinstance(step, Message):
                yield step.SerializeToString()
            elif isinstance(step, Refusal):
                context.abort_with_status(rpc_status.to_status(status_of(step)))
            elif isinstance(step, grpc.StatusCode):
                context.abort(step, "by script")
            else:
                gone = threading.Event()
                if context.add_callback(gone.set):
                    gone.wait(timeout=30)


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is drawn at random to wait, is nothing."""
    monkeypatch.setattr(random, "uniform", lambda low, _: low)


@pytest.fixture
def peer() -> Iterator[Peer]:
    played = Peer()
    server = grpc.server(ThreadPoolExecutor(max_workers=4), handlers=[played])
    played.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield played
    server.stop(0).wait()


class Caller:
    """Either client, called as the asynchronous one is."""

    def __init__(self, client: Scorewire | AsyncScorewire) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.client, name)
        if isinstance(self.client, AsyncScorewire):
            return method
        return lambda *args, **kwargs: asyncio.to_thread(method, *args, **kwargs)

    async def each(self, name: str, **arguments: Any) -> AsyncIterator[Any]:
        """What the method `name` yields."""
        async for item in self.items_of(getattr(self.client, name)(**arguments)):
            yield item

    async def items_of(self, items: Any) -> AsyncIterator[Any]:
        """What an iterator of either kind yields."""
        if isinstance(self.client, AsyncScorewire):
            async for item in items:
                yield item
        else:
            while (item := await asyncio.to_thread(next, items, None)) is not None:
                yield item


@pytest.fixture(params=[Scorewire, AsyncScorewire], ids=["sync", "async"])
async def caller(request: pytest.FixtureRequest, peer: Peer) -> AsyncIterator[Caller]:
    made = Caller(request.param(peer.address, session="session-jwt", timeout=5.0))
    yield made
    await made.close()
