"""The plots of docs/performance.md."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.coalesced import CALLERS, Rates
from bench.fanout import BAR_RATE, BAR_WATCHES, P99_BAR, RATES, WATCHES, Spell
from bench.pressure import REFUSED_MS
from bench.sweep import STEPS, Sweep

PICTURES = Path("docs/images")
_INK, _GRID = "#24292f", "#d0d7de"
_COLOURS = ("#0969da", "#8250df", "#bf3989")
_MS = (10, 20, 50, 100, 200, 500, 1_000)
_STYLES = ((50, "-"), (99, "--"))


def plot_fanout(spells: Sequence[Spell], folder: Path) -> None:
    """Draws how soon awards reach watches, as `fanout.svg` in a folder."""
    figure, axes = _drawing(3.8)
    for rate, colour in zip(RATES, _COLOURS, strict=True):
        of_rate = [spell for spell in spells if spell.rate == rate]
        for percent, style in _STYLES:
            label = f"{rate} awards/s, p{percent}"
            within = [spell.within(percent) * 1000 for spell in of_rate]
            axes.plot([spell.watches for spell in of_rate], within, style, color=colour, marker="o", label=label)
    axes.plot(BAR_WATCHES, P99_BAR * 1000, "v", color=_INK, label=f"bar: p99 at {BAR_RATE} awards/s")
    axes.set(xscale="log", yscale="log", xlabel="open watches", ylabel="ms from award to delivery")
    axes.set_xticks(WATCHES, [f"{watches:,}" for watches in WATCHES])
    axes.set_yticks((1, 10, 100, 1000), ("1", "10", "100", "1,000"))
    axes.legend(fontsize=8, ncols=2)
    _save(figure, folder / "fanout.svg")


def plot_paint(milliseconds: Sequence[float], folder: Path) -> None:
    """Draws how many clicks have changed their row after which time, as `paint.svg` in a folder."""
    figure, axes = _drawing(2.8)
    axes.ecdf(milliseconds, color=_COLOURS[0])
    axes.set(xscale="log", xlabel="ms from click to changed row", ylabel="share of the clicks", ylim=(0, 1.02))
    axes.set_xticks(_MS, [f"{ms:,}" for ms in _MS])
    _save(figure, folder / "paint.svg")


def plot_coalesced(rates: Rates, folder: Path) -> None:
    """Draws how fast each round was in which awards went together, or one a call, as `coalesced.svg` in a folder."""
    figure, axes = _drawing(2.2)
    rounds = {f"one call each, {CALLERS} at a time": rates.alone, f"together, {CALLERS} callers": rates.together}
    for place, (each, colour) in enumerate(zip(rounds.values(), _COLOURS, strict=False)):
        axes.plot(each, [place] * len(each), "o", color=colour, alpha=0.6)
    axes.set(xlabel="awards a second, each round", xlim=(0, None), ylim=(-0.5, len(rounds) - 0.5))
    axes.set_yticks(range(len(rounds)), list(rounds))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    _save(figure, folder / "coalesced.svg")


def plot_sweep(swept: Sweep, folder: Path) -> None:
    """Draws what is served and refused of more and more calls, and how soon, as `pressure.svg` in a folder."""
    figure = Figure(figsize=(7.2, 3.0), layout="constrained", facecolor="white")
    rates, times = figure.subplots(1, 2)
    offered = [step * swept.peak.served for step in STEPS]
    refused = [rate - taken.served for rate, taken in zip(offered, swept.taken, strict=True)]
    rates.plot(STEPS, [taken.served for taken in swept.taken], marker="o", color=_COLOURS[0], label="served")
    rates.plot(STEPS, refused, marker="o", color=_COLOURS[2], label="refused")
    rates.set(xlabel="calls, times the peak", ylabel="calls a second", ylim=(0, None))
    rates.yaxis.set_major_formatter("{x:,.0f}")
    above = [(step, taken) for step, taken in zip(STEPS, swept.taken, strict=True) if taken.with_retry_info is not None]
    times.plot(STEPS, [taken.served_p99 for taken in swept.taken], marker="o", color=_COLOURS[0], label="served, p99")
    late = [taken.refused_p99 for _, taken in above]
    times.plot([step for step, _ in above], late, marker="o", color=_COLOURS[2], label="refused, p99")
    times.axhline(REFUSED_MS, color=_INK, linewidth=0.8, linestyle=":", label="bar of the refused")
    times.set(xlabel="calls, times the peak", ylabel="ms", ylim=(0, None))
    for axes in (rates, times):
        axes.grid(color=_GRID, linewidth=0.5)
        axes.legend(fontsize=8)
    _save(figure, folder / "pressure.svg")


def _drawing(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.2, height), layout="constrained", facecolor="white")
    axes = figure.subplots()
    axes.grid(color=_GRID, linewidth=0.5)
    return figure, axes


def _save(figure: Figure, path: Path) -> None:
    # Without a date, and with the same ids each time, so that only what was measured makes a difference.
    with rc_context({"svg.hashsalt": "scorewire"}):
        figure.savefig(path, metadata={"Date": None})
