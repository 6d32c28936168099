"""From click to paint: how soon the roll of a die changes its row on the page, in real Chromium through the gateway."""

import shutil
import statistics
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.results import Row
from tests.e2e.page.visitors import launch, visiting
from tests.stack import Stack

CLICKS = 200
REST_MS = 250
"""Between two clicks, so that each finds a quiet board. Numbers do not count where motion is to be reduced."""

# Played in the page, where the clock of the click is that of the change.
_CLICKS = """
async ([clicks, rest]) => {
  const board = document.querySelector("scorewire-board").shadowRoot;
  const roll = document.querySelector("#roll");
  const changed = () => new Promise((resolve) => {
    const observer = new MutationObserver((changes) => {
      if (!changes.some(({ target }) => target.closest?.("tr.own .points"))) return;
      observer.disconnect();
      resolve(performance.now());
    });
    observer.observe(board, { subtree: true, childList: true });
  });
  const enabled = async () => {
    while (roll.disabled || roll.ariaDisabled === "true") await new Promise(requestAnimationFrame);
  };
  const taken = [];
  for (let click = 0; click < clicks; click += 1) {
    await enabled();
    await new Promise((resolve) => setTimeout(resolve, rest));
    const change = changed();
    const clicked = performance.now();
    roll.click();
    taken.push((await change) - clicked);
  }
  return taken;
}
"""


def paint(folder: Path) -> tuple[Row, list[float]]:
    """The milliseconds from a click to the change of the own row, over many clicks, and all of them."""
    folder.mkdir()
    # Clicks as regular as these are what a bot is known by.
    with Stack(folder, SCOREWIRE_SCORE__DETECTION__ENABLED="false") as stack, sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        assert chromium, "`make tools` installs a browser"
        with launch(playwright, chromium) as browser, visiting(browser, stack.url, reduced_motion="reduce") as visitor:
            visitor.sign_in("Bench")
            visitor.roll()
            taken = visitor.page.evaluate(_CLICKS, [CLICKS, REST_MS])
    half, most = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
    name = f"Milliseconds from click to changed row, {CLICKS} clicks: p99"
    return Row(name, f"{most:.0f} ms", f"p50 {half:.0f} ms", most), taken
