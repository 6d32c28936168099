"""Three times as many calls as can be served: what is served all the same, and how soon the others are refused.

Load processes call by a schedule, whether or not they are answered, through the gateway and directly. All figures are
ratios of one round: what is served at most, at half of that, and at three times as much.
"""

import json
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from bench.caller import Outcome, Place, Plan
from bench.messages import Kind
from bench.pressed import Pressable
from bench.results import Row

PROCESSES = 1
WARMUP_SECONDS, SECONDS = 1.0, 4.0
TIMES = 3.0
_COUNTED = ("calls_served", "calls_refused", "reset", "unanswered", "looked_at", "with_retry_info")
SERVED, SLOWER, REFUSED_MS = 0.8, 5.0, 10.0
LATE_MS = 10.0
"""Where load processes were later than this with one call in a hundred, it was they who could not keep up."""


@dataclass(frozen=True)
class Load:
    """A kind of call, and how many callers it takes to keep the servers as busy as they get."""

    kind: Kind
    callers: int


ACTION, AWARD = Load(Kind(0), 60), Load(Kind(1), 60)
TENS, HUNDREDS = Load(Kind(10), 14), Load(Kind(100), 14)


class Taken(NamedTuple):
    """What a run of load processes came to: calls a second, milliseconds, and what a call cost the load processes."""

    served: float
    served_p50: float
    served_p99: float
    refused_p50: float
    refused_p99: float
    late_p99: float
    load_us: float
    with_retry_info: float | None
    """The part of what was not served that has RetryInfo; `None` where all was served."""

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], seconds: float) -> "Taken":
        """All load processes together."""
        served, refused, late = (
            sorted(value for each in outcomes for value in getattr(each, name))
            for name in ("served", "refused", "late")
        )
        calls = Counter({name: sum(getattr(each, name) for each in outcomes) for name in _COUNTED})
        answered = calls["calls_refused"] + calls["reset"] + calls["unanswered"]
        told = calls["with_retry_info"] / calls["looked_at"] if calls["looked_at"] else 0.0
        return cls(
            calls["calls_served"] / seconds,
            _ms(served, 0.5),
            _ms(served, 0.99),
            _ms(refused, 0.5),
            _ms(refused, 0.99),
            _ms(late, 0.99),
            statistics.mean(each.cpu_us for each in outcomes),
            told * calls["calls_refused"] / answered if answered else None,
        )


class Round(NamedTuple):
    """One round: as much as is served, half of it, three times as much."""

    peak: Taken
    half: Taken
    triple: Taken


def press(pressable: Pressable, rounds: int) -> Iterator[Row]:
    """Rows for each place and kind of call."""
    for where, place, kinds in (
        ("gateway", pressable.public, (ACTION,)),
        ("gateway", pressable.internal, (AWARD, TENS, HUNDREDS)),
        ("direct", pressable.direct, (AWARD, HUNDREDS)),
    ):
        for each in kinds:
            taken = [_round(place, each) for _ in range(rounds)]
            yield from _rows(f"{TIMES:g} times the peak: {each.kind.name}, {where}", taken)


def _round(place: Place, load: Load) -> Round:
    peak = run(place, load.kind, SECONDS, callers=load.callers)
    half, triple = (run(place, load.kind, SECONDS, rate=times * peak.served) for times in (0.5, TIMES))
    return Round(peak, half, triple)


def run(place: Place, kind: Kind, seconds: float, *, rate: float = 0.0, callers: int = 0) -> Taken:
    """Runs load processes to their end."""
    return Taken.of(list(finished(begun(place, kind, seconds, rate=rate, callers=callers))), seconds)


def begun(
    place: Place, kind: Kind, seconds: float, *, rate: float = 0.0, callers: int = 0
) -> list[subprocess.Popen[str]]:
    """Load processes that share a rate, or callers."""
    plan = Plan(place, kind, WARMUP_SECONDS, seconds, rate / PROCESSES, callers // PROCESSES)
    command = [sys.executable, "-m", "bench.caller", json.dumps(asdict(plan))]
    return [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]


def finished(processes: Sequence[subprocess.Popen[str]]) -> Iterator[Outcome]:
    """What came of each."""
    for process in processes:
        output, _ = process.communicate()
        yield Outcome(**json.loads(output))


def _rows(name: str, rounds: Sequence[Round]) -> Iterator[Row]:
    """One row for each bar. Where others disturb a round it is only ever worse, so the better quarter counts."""
    peak, triple = _most(rounds, lambda r: r.peak.served), _most(rounds, lambda r: r.triple.served)
    kept = _most(rounds, lambda r: r.triple.served / r.peak.served)
    yield Row(name, f"{triple:,.0f} calls/s", f"its peak {peak:,.0f} calls/s", kept, SERVED, at_least=True)
    slow, usual = _least(rounds, lambda r: r.triple.served_p99), _least(rounds, lambda r: r.half.served_p99)
    slower = _least(rounds, lambda r: r.triple.served_p99 / r.half.served_p99)
    yield Row("  p99 of the served", f"{slow:.0f} ms", f"at half the peak {usual:.0f} ms", slower, SLOWER)
    yield from _refusals(rounds)


def _refusals(rounds: Sequence[Round]) -> Iterator[Row]:
    informed = [r.triple.with_retry_info for r in rounds if r.triple.with_retry_info is not None]
    if not informed:
        yield Row("  refused: none", "", "", 0.0)
        return
    middle, last = _least(rounds, lambda r: r.triple.refused_p50), _least(rounds, lambda r: r.triple.refused_p99)
    yield Row("  p99 of the refused, ms", f"{last:.1f} ms", f"p50 {middle:.1f} ms; {_load(rounds)}", last, REFUSED_MS)
    told = min(informed)
    yield Row("  part of the refused with RetryInfo", f"{told:.1%}", "", told, 1.0, at_least=True)


def _load(rounds: Sequence[Round]) -> str:
    cost, late = _least(rounds, lambda r: r.triple.load_us), _least(rounds, lambda r: r.triple.late_p99)
    return f"load {cost:.0f} µs a call" + (f", {late:.0f} ms late" if late > LATE_MS else "")


def _least(rounds: Sequence[Round], figure: Callable[[Round], float]) -> float:
    return _quartiles(rounds, figure)[0]


def _most(rounds: Sequence[Round], figure: Callable[[Round], float]) -> float:
    return _quartiles(rounds, figure)[2]


def _quartiles(rounds: Sequence[Round], figure: Callable[[Round], float]) -> list[float]:
    values = [figure(each) for each in rounds]
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3


def _ms(ordered: Sequence[float], part: float) -> float:
    return ordered[int(len(ordered) * part)] * 1000 if ordered else 0.0
