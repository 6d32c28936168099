"""A load process: makes calls of one kind, by a schedule or as fast as they are answered, and prints what came of them.

The plan comes as JSON on the command line, and what came of it goes out as JSON.
"""

import asyncio
import base64
import gc
import json
import ssl
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import cast

import uvloop
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from hpack import Decoder

from bench.http2 import Answered, Connection, encoded_headers
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
    """What became of calls: how many, the seconds from when each was due until it was answered or refused.

    `late` is by how much the first call of each tick was sent too late.
    """

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
    cpu_us: float = 0.0
    """Of the load process, for each of its calls."""


class Caller:
    """Calls over a few connections, all calls that are due at a time over the next one."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._messages = maker(plan.kind)
        self._due: list[array[float]] = []
        self._connections: list[Connection] = []
        self._refusals: list[bytes] = []
        self._next = cycle(range(CONNECTIONS)).__next__
        self._again: Counter[int] = Counter()
        self.outcome = Outcome()

    async def connect(self) -> None:
        """Opens the connections."""
        for which in range(CONNECTIONS):
            due = array("d")
            self._due.append(due)
            self._connections.append(await _connect(self._plan, partial(self._answered, which, due)))

    async def run(self) -> None:
        """Calls as planned, and waits for the last answers."""
        cpu = time.process_time()
        self._since = time.perf_counter() + self._plan.warmup
        self._until = self._since + self._plan.seconds
        await (self._by_schedule() if self._plan.rate else self._in_turn())
        await asyncio.sleep(REST_SECONDS)
        self.outcome.cpu_us = (time.process_time() - cpu) / sum(map(len, self._due)) * 1e6
        calls = sum(self._since <= due < self._until for dues in self._due for due in dues)
        self.outcome.unanswered = calls - self.outcome.calls_served - self.outcome.calls_refused - self.outcome.reset
        self._look()
        for connection in self._connections:
            connection.close()

    def _call(self, which: int, due: Sequence[float]) -> None:
        self._due[which].extend(due)
        self._connections[which].call(self._messages(len(due)))

    def _answered(self, which: int, dues: Sequence[float], number: int, has_message: bool, block: bytes | None) -> None:
        due = dues[number]
        if self._since <= due < self._until:
            self._count(has_message, block, time.perf_counter() - due)
        if not self._plan.rate:
            if not self._again:
                asyncio.get_running_loop().call_soon(self._call_again)
            self._again[which] += 1

    def _count(self, has_message: bool, block: bytes | None, seconds: float) -> None:
        outcome = self.outcome
        if block is None:
            outcome.reset += 1
        elif has_message:
            outcome.calls_served += 1
            if outcome.calls_served <= TIMED:
                outcome.served.append(seconds)
        else:
            outcome.calls_refused += 1
            if outcome.calls_refused <= TIMED:
                outcome.refused.append(seconds)
            if len(self._refusals) < KEPT:
                self._refusals.append(block)

    async def _by_schedule(self) -> None:
        start, made, rate = time.perf_counter(), 0, self._plan.rate
        while (now := time.perf_counter()) < self._until:
            until = int((now - start) * rate) + 1
            if until > made:
                due = [start + number / rate for number in range(made, until)]
                made = until
                self._call(self._next(), due)
                if len(self.outcome.late) < TIMED:
                    self.outcome.late.append(time.perf_counter() - due[0])
            await asyncio.sleep(TICK_SECONDS)

    async def _in_turn(self) -> None:
        for _ in range(self._plan.callers):
            self._call(self._next(), [time.perf_counter()])
        await asyncio.sleep(self._until - time.perf_counter())

    def _call_again(self) -> None:
        now, again = time.perf_counter(), self._again
        self._again = Counter()
        if now < self._until:
            for which, calls in again.items():
                self._call(which, [now] * calls)

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


async def _connect(plan: Plan, answered: Answered) -> Connection:
    place, loop = plan.place, asyncio.get_running_loop()
    tls = _tls(Path(place.certs)) if place.certs else None
    headers = encoded_headers("https" if tls else "http", place.name, plan.kind.path, place.token)
    _, connection = await loop.create_connection(
        lambda: Connection(headers, answered),
        place.host,
        place.port,
        ssl=tls,
        server_hostname=place.name if tls else None,
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
    caller = Caller(plan)
    await caller.connect()
    gc.disable()
    await caller.run()
    return caller.outcome


def planned(text: str) -> Plan:
    """The plan of the command line."""
    plan = json.loads(text)
    return Plan(**plan | {"place": Place(**plan["place"]), "kind": Kind(**plan["kind"])})


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        json.dump(asdict(runner.run(run(planned(sys.argv[1])))), sys.stdout)
