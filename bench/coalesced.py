"""Awards of concurrent callers on one client, which puts them together, against one call for each."""

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from bench.load import new_award
from bench.results import Row
from bench.servers import Measured
from scorewire.score.v1 import internal_pb2_grpc
from scorewire_client import AsyncScorewire, Tls
from scorewire_server.rpc.tls import TlsFiles

CALLERS, AWARDS = 64, 4_000

_numbers = itertools.count(10**12)
Give = Callable[[int], Awaitable[object]]


class Rates(NamedTuple):
    """Awards a second of each round: put together, and one call each."""

    together: list[float]
    alone: list[float]


async def coalesced(ours: Measured, rounds: int) -> tuple[Row, Rates]:
    """Both in turn, each over one connection of its own."""
    files = TlsFiles.of(ours.certs, "ops")
    tls = Tls(files.ca, files.certificate, files.key)
    rates = Rates([], [])
    async with ours.channel() as channel, AsyncScorewire(f"https://{ours.address}", tls=tls) as client:
        apply = internal_pb2_grpc.ScoreInternalServiceStub(channel).ApplyScore

        def award(number: int) -> Awaitable[object]:
            new = new_award(number)
            return client.award(new.user_id, new.points, action_type=new.action_type, award_id=new.award_id)

        for _ in range(rounds):
            rates.alone.append(await _rate(lambda number: apply(new_award(number))))
            rates.together.append(await _rate(award))
    # On a shared machine others only ever slow things down.
    ours_rate, each_rate = (statistics.quantiles(each, n=4)[2] for each in rates)
    name = f"Awards by the Python client, {CALLERS} callers"
    one_each = f"one call each {each_rate:,.0f} awards/s"
    row = Row(name, f"{ours_rate:,.0f} awards/s", one_each, ours_rate / each_rate, 3, at_least=True)
    return row, rates


async def _rate(give: Give) -> float:
    """Awards a second, of callers that award again as soon as they are answered."""
    left = iter(range(AWARDS))

    async def caller() -> None:
        for _ in left:
            await give(next(_numbers))

    await give(next(_numbers))  # connected
    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return AWARDS / (time.perf_counter() - started)
