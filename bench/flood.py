"""One user floods with tickets, ten times as many as its limit; what do the awards of the others cost them?

The flood comes from a process of its own, at its own pace whether or not it is answered (`python -m bench.flood`).
"""

import asyncio
import itertools
import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import grpc
import uvloop

from bench.results import Row
from bench.servers import TRUST_DOMAIN, Measured
from scorewire.score.v1 import score_pb2, score_pb2_grpc
from scorewire_server.clock import system_clock
from scorewire_server.rpc.channel import options
from scorewire_server.rpc.tls import TlsFiles
from scorewire_server.score.main import LIMITS
from scorewire_server.settings import ScoreSettings
from scorewire_server.tokens.keys import signing_file
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.tickets import TicketIssuer

LIMIT_A_SECOND = int(LIMITS["UpdateScore"].most.partition("/")[0]) / 60
TIMES = 10
OTHERS, AWARDS, A_SECOND = 100, 500, 50
BAR = 2.0
_numbers = itertools.count()


class Redeeming:
    """Redeems new tickets over one connection."""

    def __init__(self, channel: grpc.aio.Channel, keys: Path) -> None:
        names = ScoreSettings()
        signing = SigningFile(signing_file(keys, "tickets"), system_clock)
        self._stub = score_pb2_grpc.ScoreServiceStub(channel)
        self._issuer = TicketIssuer(
            signing, issuer=names.ticket_issuer, audience=names.ticket_audience, clock=system_clock
        )

    async def redeem(self, user_id: str) -> str:
        """Gives a user an award; answers the code."""
        action_id = f"{user_id}-{next(_numbers)}-{time.time_ns()}"
        data = json.dumps({"actionId": action_id, "actionType": "quiz.answer", "result": None})
        metadata = (("authorization", f"Bearer {self._issuer.issue(user_id, None, data)}"),)
        try:
            await self._stub.UpdateScore(score_pb2.UpdateScoreRequest(data=data), metadata=metadata)
        except grpc.aio.AioRpcError as refused:
            return refused.code().name
        return "OK"


class Spell(NamedTuple):
    """A spell of awards: their p99 in seconds, and the share of a core that the server took."""

    p99: float
    cpu: float


async def floods(server: Measured, keys: Path, certs: Path, rounds: int) -> Row:
    """The others' p99 without a flood and with it, in turn, so that whatever else the machine does disturbs both."""
    quiet, flooded, refused = [], [], 0
    async with server.channel() as channel:
        redeeming = Redeeming(channel, keys)
        await spell(server, redeeming)  # connected, and warm
        for _ in range(rounds):
            quiet.append(await spell(server, redeeming))
            with flood(server.address, keys, certs) as flooder:
                assert flooder.stdout
                await asyncio.to_thread(flooder.stdout.readline)  # it has begun
                flooded.append(await spell(server, redeeming))
                flooder.terminate()
                refused += json.loads(await asyncio.to_thread(flooder.stdout.readline))["RESOURCE_EXHAUSTED"]
    assert refused, "the flood was no flood"
    alone, beside = typical_of(quiet), typical_of(flooded)
    name = f"Awards beside a flood of {TIMES} x a limit, p99"
    return Row(name, _told(beside), f"without it {_told(alone)}", beside.p99 / alone.p99, BAR)


def typical_of(spells: Sequence[Spell]) -> Spell:
    """The median of each."""
    return Spell(*(statistics.median(values) for values in zip(*spells, strict=True)))


def _told(spell: Spell) -> str:
    return f"{spell.p99 * 1000:.0f} ms ({spell.cpu:.0%} CPU)"


async def spell(server: Measured, redeeming: Redeeming) -> Spell:
    """Awards for some seconds."""
    began, cpu = time.monotonic(), server.cpu_seconds()
    seconds = await awards(redeeming)
    return Spell(p99(seconds), (server.cpu_seconds() - cpu) / (time.monotonic() - began))


async def awards(redeeming: Redeeming) -> list[float]:
    """Seconds from when each award was due until it was answered. They are due at even times, whatever happens."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> float:
        due = began + number / A_SECOND
        await asyncio.sleep(due - loop.time())
        code = await redeeming.redeem(f"other-{number % OTHERS}")
        assert code == "OK", code
        return loop.time() - due

    return await asyncio.gather(*map(one, range(AWARDS)))


def p99(seconds: Sequence[float]) -> float:
    """The time that one in a hundred took longer than."""
    return statistics.quantiles(seconds, n=100)[98]


@contextmanager
def flood(address: str, keys: Path, certs: Path) -> Iterator["subprocess.Popen[str]"]:
    """A flood, as a process; it says a line when it has begun, and how its calls have ended when it is terminated."""
    command = [sys.executable, "-m", "bench.flood", address, str(keys), str(certs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


async def _pour(address: str, keys: Path, certs: Path) -> None:

    codes: dict[str, int] = {"OK": 0, "RESOURCE_EXHAUSTED": 0}
    under_way: set[asyncio.Task[None]] = set()
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    credentials = TlsFiles.of(certs, "gateway").channel_credentials()

    async with grpc.aio.secure_channel(address, credentials, options=options(f"score.{TRUST_DOMAIN}")) as channel:
        redeeming = Redeeming(channel, keys)

        async def one() -> None:
            code = await redeeming.redeem("flooder")
            codes[code] = codes.get(code, 0) + 1

        await one()
        print("begun", flush=True)
        began = loop.time()
        for number in itertools.count():
            if over.is_set():
                break
            await asyncio.sleep(began + number / (TIMES * LIMIT_A_SECOND) - loop.time())
            under_way.add(task := asyncio.create_task(one()))
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
    print(json.dumps(codes), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_pour(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
