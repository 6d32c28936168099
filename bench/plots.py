"""The plots of docs/performance.md."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from bench.fanout import BAR_RATE, BAR_WATCHES, P99_BAR, RATES, WATCHES, Spell

PICTURES = Path("docs/images")
_INK, _GRID = "#24292f", "#d0d7de"
_COLOURS = ("#0969da", "#8250df", "#bf3989")
_STYLES = ((50, "-"), (99, "--"))


def plot(spells: Sequence[Spell], folder: Path) -> None:
    """Draws how soon awards reach watches, as `fanout.svg` in a folder."""
    figure = Figure(figsize=(7.2, 3.8), layout="constrained", facecolor="white")
    axes = figure.subplots()
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
    axes.grid(color=_GRID, linewidth=0.5)
    axes.legend(fontsize=8, ncols=2)
    figure.savefig(folder / "fanout.svg", metadata={"Date": None})
