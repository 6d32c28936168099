"""Watches by the thousand: how soon an award reaches each of them, and what that costs the server.

The watches are in processes of their own (`python -m bench.watching`). After each spell the last state of every watch
must be what the store has.
"""

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.load import new_award, new_awards
from bench.results import Row
from bench.servers import TRUST_DOMAIN, Measured, bare_server, wait_connected
from bench.watching import Plan, State, Told
from scorewire.score.v1 import internal_pb2_grpc, score_pb2, score_pb2_grpc

WATCHES = (1, 100, 1_000, 5_000)
RATES = (1, 10, 100)
SECONDS = 8.0
LIMIT = 10
USERS = 1_000
OF_A_PROCESS = 2_700
BAR_WATCHES, BAR_RATE, ROUNDS = 1_000, 10, 3
CPU_BAR, KIB_BAR, P99_BAR = 1.15, 25.0, 0.25
_AWARDS_FROM = 10**9


@dataclass(frozen=True)
class Spell:
    """So many watches for some seconds: seconds from award to delivery, messages and their bytes, what it took."""

    watches: int
    rate: int
    seconds: Sequence[float]
    messages: int
    size: int
    cpu: float

    def within(self, percent: int) -> float:
        """The seconds in which so many of a hundred deliveries came."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


class Fanout:
    """Spells at one score server."""

    def __init__(self, server: Measured) -> None:
        self._server = server
        self._numbers = iter(range(_AWARDS_FROM, 2 * _AWARDS_FROM))

    async def begin(self) -> None:
        """Gives every user an award, so that the board has rows to move."""
        async with self._server.channel() as channel:
            await internal_pb2_grpc.ScoreInternalServiceStub(channel).ApplyScores(new_awards(USERS))

    async def spell(self, watches: int, rate: int) -> Spell:
        """Awards at a rate, while so many watch."""
        with watching(self._server, watches) as processes:
            await asyncio.gather(*(asyncio.to_thread(_ready, process) for process in processes))
            cpu = self._server.cpu_seconds()
            sent = await self._award(rate)
            told = await asyncio.gather(*(asyncio.to_thread(_told, process, sent) for process in processes))
            used = self._server.cpu_seconds() - cpu
            await self._hold([state for each in told for state in each.last])
        seconds = [value for each in told for value in each.seconds]
        messages, size = sum(each.messages for each in told), sum(each.size for each in told)
        return Spell(watches, rate, seconds, messages, size, used)

    async def memory(self, watches: int) -> float:
        """MiB of the server with so many watches."""
        with watching(self._server, watches) as processes:
            await asyncio.gather(*(asyncio.to_thread(_ready, process) for process in processes))
            return self._server.memory_mib()

    async def _award(self, rate: int) -> dict[int, float]:
        loop, sent = asyncio.get_running_loop(), dict[int, float]()
        async with self._server.channel() as channel:
            stub = internal_pb2_grpc.ScoreInternalServiceStub(channel)
            await channel.channel_ready()
            began = loop.time()

            async def one(number: int) -> None:
                await asyncio.sleep(began + number / rate - loop.time())
                at = loop.time()
                sent[(await stub.ApplyScore(new_award(next(self._numbers)), timeout=60)).revision] = at

            await asyncio.gather(*map(one, range(int(rate * SECONDS))))
        return dict(sorted(sent.items()))

    async def _hold(self, last: Sequence[str]) -> None:
        async with self._server.channel() as channel:
            request = score_pb2.GetLeaderboardRequest(limit=LIMIT)
            board = (await score_pb2_grpc.ScoreServiceStub(channel).GetLeaderboard(request)).leaderboard
        store = State(board.revision, board.total_users, {each.user_id: each for each in board.standings}).told()
        assert set(last) <= {store}, f"a watch ended on {set(last) - {store}}, and the store has {store}"


@contextmanager
def watching(server: Measured, watches: int) -> Iterator[list["subprocess.Popen[str]"]]:
    """Processes that watch a server, ended at the end."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(_process(server, min(OF_A_PROCESS, watches - first)))
            for first in range(0, watches, OF_A_PROCESS)
        ]


@contextmanager
def _process(server: Measured, watches: int) -> Iterator["subprocess.Popen[str]"]:
    plan = Plan("127.0.0.1", server.port, f"score.{TRUST_DOMAIN}", str(server.certs), watches, LIMIT)
    command = [sys.executable, "-m", "bench.watching", json.dumps(asdict(plan))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout
    assert process.stdout.readline() == "ready\n", "a process of watches has failed"


def _told(process: "subprocess.Popen[str]", sent: dict[int, float]) -> Told:
    out, _ = process.communicate(json.dumps(sent) + "\n")
    return Told(**json.loads(out))


async def fanout(server: Measured, certs: Path) -> tuple[list[Row], list[Spell]]:
    """The figures of the bars, and every spell for the plots."""
    measured = Fanout(server)
    await measured.begin()
    small = await _small(measured)
    spells = [await measured.spell(watches, rate) for watches in WATCHES for rate in RATES]
    return [_soon(spells), small, await _cheap(measured, certs)], spells


def _soon(spells: Sequence[Spell]) -> Row:
    (spell,) = (each for each in spells if (each.watches, each.rate) == (BAR_WATCHES, BAR_RATE))
    name = f"Award to delivery, {BAR_WATCHES:,} watches, {BAR_RATE} awards/s, p99 in s"
    return Row(
        name, f"{spell.within(99) * 1000:.0f} ms", f"p50 {spell.within(50) * 1000:.0f} ms", spell.within(99), P99_BAR
    )


async def _small(measured: Fanout) -> Row:
    """What open watches hold, before anything else has been through the server's memory."""
    one, many = [await measured.memory(watches) for watches in (WATCHES[0], WATCHES[-1])]
    kib = (many - one) * 1024 / (WATCHES[-1] - WATCHES[0])
    name = f"KiB of memory for each of {WATCHES[-1]:,} watches"
    return Row(name, f"{many:.0f} MiB", f"one watch {one:.0f} MiB", kib, KIB_BAR)


async def _cheap(measured: Fanout, certs: Path) -> Row:
    """CPU of a delivered message against the yardstick's, in turn, at the yardstick's pace and size."""
    ours, bare = [], []
    for _ in range(ROUNDS):
        alone = await measured.spell(0, BAR_RATE)
        spell = await measured.spell(BAR_WATCHES, BAR_RATE)
        ours.append((spell.cpu - alone.cpu) / spell.messages * 1e6)
        bare.append(await _bare(certs, spell.size // spell.messages))
    cost, yardstick = statistics.median(ours), statistics.median(bare)
    name = f"CPU of a delivered message, {BAR_WATCHES:,} watches, {BAR_RATE} awards/s"
    return Row(name, f"{cost:.1f} µs", f"bare stream {yardstick:.1f} µs", cost / yardstick, CPU_BAR)


async def _bare(certs: Path, size: int) -> float:
    with bare_server(certs, BAR_RATE, size) as server:
        await asyncio.to_thread(wait_connected, server)
        return await _pulsed(server)


async def _pulsed(server: Measured) -> float:
    with watching(server, BAR_WATCHES) as processes:
        await asyncio.gather(*(asyncio.to_thread(_ready, process) for process in processes))
        cpu = server.cpu_seconds()
        await asyncio.sleep(SECONDS)
        used = server.cpu_seconds() - cpu
        told = [await asyncio.to_thread(_told, process, {}) for process in processes]
    return used / sum(each.messages for each in told) * 1e6
