"""A load process: makes calls of one kind, by a schedule or as fast as they are answered, and prints what came of them.

The plan comes as JSON on the command line, and what came of it goes out as JSON.
"""

import asyncio
import base64
import json
import ssl
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from typing import cast

import uvloop
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from hpack import Decoder

from bench.http2 import Answer, Connection, encoded_headers
from bench.messages import Kind, maker

CONNECTIONS = 4
TICK_SECONDS = 0.001
REST_SECONDS = 2.0
"""How long calls may take that are under way at the end."""
KEPT = 5_000
"""Of so many refusals it is looked at what they say."""
TIMED = 500_000
"""So many calls of each outcome are timed, so that a long run does not fill the memory with numbers."""


@dataclass(frozen=True)
class Place:
    """Where a load process calls: as `ops` where there are `certs`, and with a token where one is needed."""

    host: str
    port: int
    name: str
    certs: str | None = None
    token: str | None = None


@dataclass(frozen=True)
class Plan:
    """What a load process does: warms up, and then counts for `seconds`.

    With a `rate` it calls so often a second, whatever is answered; else `callers` call again when they are answered.
    """

    place: Place
    kind: Kind
    warmup: float
    seconds: float
    rate: float = 0.0
    callers: int = 0


@dataclass
class Outcome:
    """What became of calls: how many, the seconds until each was answered or refused, and how late each was sent."""

    calls_served: int = 0
    calls_refused: int = 0
    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    reset: int = 0
    unanswered: int = 0
    looked_at: int = 0
    with_retry_info: int = 0
    codes: dict[str, int] = field(default_factory=dict)


class Caller:
    """Calls over a few connections."""

    def __init__(self, plan: Plan, connections: Sequence[Connection]) -> None:
        self._plan = plan
        self._next = cycle(connections).__next__
        self._message = maker(plan.kind)
        self._refusals: list[bytes] = []
        self._since = time.perf_counter() + plan.warmup
        self._until = self._since + plan.seconds
        self.outcome = Outcome()

    async def run(self) -> None:
        """Calls as planned, and waits for the last answers."""
        await (self._by_schedule() if self._plan.rate else self._in_turn())
        await asyncio.sleep(REST_SECONDS)
        self._look()

    def _call(self, again: Callable[[], None] | None = None) -> None:
        message, sent = self._message(), time.perf_counter()
        counts = self._since <= sent < self._until
        self.outcome.unanswered += counts

        def done(answer: Answer) -> None:
            if counts:
                self._count(answer, time.perf_counter() - sent)
            if again:
                again()

        self._next().call(message, done)

    def _count(self, answer: Answer, seconds: float) -> None:
        self.outcome.unanswered -= 1
        if answer.block is None:
            self.outcome.reset += 1
            return
        self.outcome.calls_served += answer.has_message
        self.outcome.calls_refused += not answer.has_message
        timed = self.outcome.served if answer.has_message else self.outcome.refused
        if len(timed) < TIMED:
            timed.append(seconds)
        if not answer.has_message and len(self._refusals) < KEPT:
            self._refusals.append(answer.block)

    async def _by_schedule(self) -> None:
        start, made = time.perf_counter(), 0
        while (now := time.perf_counter()) < self._until:
            while (due := start + made / self._plan.rate) <= now:
                self._call()
                made += 1
                if due >= self._since and len(self.outcome.late) < TIMED:
                    self.outcome.late.append(now - due)
            await asyncio.sleep(TICK_SECONDS)

    async def _in_turn(self) -> None:
        def again() -> None:
            if time.perf_counter() < self._until:
                self._call(again)

        for _ in range(self._plan.callers):
            again()
        await asyncio.sleep(self._until - time.perf_counter())

    def _look(self) -> None:
        statuses = [_status(block) for block in self._refusals]
        self.outcome.looked_at = len(statuses)
        self.outcome.with_retry_info = sum(retry_info for _, retry_info in statuses)
        self.outcome.codes = dict(Counter(code for code, _ in statuses))


def _status(block: bytes) -> tuple[str, bool]:
    """The code of a refusal, and whether it says when to call again."""
    headers = dict(cast(Iterable[tuple[str, str]], Decoder().decode(block)))
    details = headers.get("grpc-status-details-bin", "")
    status = Status.FromString(base64.b64decode(details + "=" * (-len(details) % 4)))
    return str(headers.get("grpc-status")), any(detail.Is(RetryInfo.DESCRIPTOR) for detail in status.details)


async def _connect(plan: Plan) -> Connection:
    place, loop = plan.place, asyncio.get_running_loop()
    tls = _tls(Path(place.certs)) if place.certs else None
    headers = encoded_headers("https" if tls else "http", place.name, plan.kind.path, place.token)
    _, connection = await loop.create_connection(
        lambda: Connection(headers), place.host, place.port, ssl=tls, server_hostname=place.name if tls else None
    )
    await connection.ready
    return connection


def _tls(certs: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certs / "ca.pem")
    context.load_cert_chain(certs / "ops.pem", certs / "ops.key")
    context.set_alpn_protocols(["h2"])
    return context


async def run(plan: Plan) -> Outcome:
    """Connects, calls, and tells what came of it."""
    connections = [await _connect(plan) for _ in range(CONNECTIONS)]
    caller = Caller(plan, connections)
    await caller.run()
    for connection in connections:
        connection.close()
    return caller.outcome


def planned(text: str) -> Plan:
    """The plan of the command line."""
    plan = json.loads(text)
    return Plan(**plan | {"place": Place(**plan["place"]), "kind": Kind(**plan["kind"])})


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        json.dump(asdict(runner.run(run(planned(sys.argv[1])))), sys.stdout)
