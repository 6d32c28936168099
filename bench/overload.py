"""Many minutes at three times what can be served, of awards and of actions at once: does memory stay flat?"""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence

import psutil

from bench.messages import Kind
from bench.pressed import Pressable
from bench.pressure import ACTION, AWARD, SECONDS, TIMES, Taken, begun, finished, run
from bench.results import Row

SAMPLE_SECONDS = 5.0
FLAT = 1.1


def overload(pressable: Pressable, seconds: float) -> Iterator[Row]:
    """Resident memory of each process in the last fifth of an overload, against that in the second fifth."""
    calls = ((pressable.internal, AWARD), (pressable.public, ACTION))
    rates = [TIMES * run(place, load.kind, SECONDS, callers=load.callers).served for place, load in calls]
    running = [begun(place, load.kind, seconds, rate=rate) for (place, load), rate in zip(calls, rates, strict=True)]
    samples = _samples(pressable.processes, seconds)
    for processes, rate, (_, load) in zip(running, rates, calls, strict=True):
        yield _served(load.kind, Taken.of(list(finished(processes)), seconds), rate)
    yield from (_row(name, mib, seconds) for name, mib in samples.items())


def _served(kind: Kind, taken: Taken, rate: float) -> Row:
    what = f"{kind.name} all that time: served at {TIMES:g} times the peak"
    return Row(what, f"{taken.served:,.0f} calls/s", f"{rate / TIMES:,.0f} alone", taken.served / rate * TIMES)


def _samples(processes: Mapping[str, psutil.Process], seconds: float) -> dict[str, list[float]]:
    samples: dict[str, list[float]] = {name: [] for name in processes}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for name, process in processes.items():
            samples[name].append(process.memory_info().rss / 2**20)
        time.sleep(SAMPLE_SECONDS)
    return samples


def _row(name: str, mib: Sequence[float], seconds: float) -> Row:
    fifth = len(mib) // 5
    early, late = statistics.median(mib[fifth : 2 * fifth]), statistics.median(mib[-fifth:])
    course = " ".join(f"{value:.0f}" for value in mib[:: max(1, len(mib) // 10)])
    what = f"MiB of the {name}, {seconds / 60:g} minutes of overload"
    return Row(what, f"{late:.0f} MiB at the end", f"{early:.0f} MiB early; {course}", late / early, FLAT)
