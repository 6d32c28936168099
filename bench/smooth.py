"""Whether the page stays smooth: 1,000 changes a second for a while, in real Chromium through the gateway."""

import itertools
import shutil
import statistics
import threading
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.results import Row
from tests.e2e.page.awarding import award_all
from tests.e2e.page.visitors import Visitor, launch, visiting
from tests.stack import Stack

SECONDS = 20
BATCHES_A_SECOND, USERS = 10, [f"user-{number}" for number in range(100)]
BAR_MS = 50
"""What takes longer is a long task to a browser."""

_WATCH = """() => {
  const board = document.querySelector("scorewire-board");
  const seen = (window.seen = { tasks: [], frames: [], boards: 0, draws: 0 });
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask" });
  board.addEventListener("scorewire-board", () => { seen.boards += 1; });
  new MutationObserver(() => { seen.draws += 1; })
    .observe(board.shadowRoot.querySelector(".revision"), { childList: true });
  let before = performance.now();
  const frame = (now) => { seen.frames.push(now - before); before = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""


def smooth(folder: Path) -> list[Row]:
    """The long tasks of the page in that time, and how often it drew what."""
    folder.mkdir()
    chromium = shutil.which("chromium")
    assert chromium, "`make tools` installs a browser"
    with (
        Stack(folder) as stack,
        sync_playwright() as playwright,
        launch(playwright, chromium) as browser,
        visiting(browser, stack.url) as visitor,
    ):
        visitor.sign_in("Bench")
        return rows(*watched(stack, visitor))


def watched(stack: Stack, visitor: Visitor) -> tuple[int, dict[str, list[float]], dict[str, int]]:
    """How many awards were given, the milliseconds of long tasks and of frames, and how many boards and drawings."""
    given = itertools.count()
    visitor.page.evaluate(_WATCH)
    giving = threading.Thread(target=give, args=(stack, given))
    giving.start()
    while giving.is_alive():
        visitor.page.wait_for_timeout(200)
    giving.join()
    seen = visitor.page.evaluate("window.seen")
    times = {name: seen[name] for name in ("tasks", "frames")}
    return next(given) * len(USERS), times, {name: seen[name] for name in ("boards", "draws")}


def give(stack: Stack, given: "itertools.count[int]") -> None:
    """Gives points to a hundred users at once, ten times a second."""
    begun = time.monotonic()
    batches = (
        {user: 1 + (7 * turn + place) % 97 for place, user in enumerate(USERS)}
        for turn in range(SECONDS * BATCHES_A_SECOND)
    )
    for turn, batch in enumerate(batches):
        time.sleep(max(0.0, begun + turn / BATCHES_A_SECOND - time.monotonic()))
        award_all(stack, [batch])
        next(given)


def rows(awards: int, times: dict[str, list[float]], counts: dict[str, int]) -> list[Row]:
    """What was seen, as rows."""
    longest, frames = max(times["tasks"], default=0.0), times["frames"]
    under = f"{awards:,} changes in {SECONDS} s"
    p99 = statistics.quantiles(frames, n=100)[98]
    drawn = f"{counts['boards']} boards, {counts['draws']} drawings"
    return [
        Row(f"Milliseconds of the page's longest task, {under}", f"{longest:.0f} ms", drawn, longest, BAR_MS),
        Row("Milliseconds between its frames: p99", f"{p99:.0f} ms", f"p50 {statistics.median(frames):.0f} ms", p99),
    ]
