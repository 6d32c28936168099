"""Whether the page stays smooth: 1,000 changes a second for a while, in real Chromium through the gateway."""

import json
import shutil
import statistics
import threading
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.results import Row
from tests.e2e.page.awarding import award_all
from tests.e2e.page.visitors import Visitor, launch, visiting
from tests.stack import Stack

SECONDS = 20
BATCHES_A_SECOND, USERS = 10, [f"user-{number}" for number in range(100)]
BAR_MS = 50
"""What takes longer is a long task to a browser."""

_TRACED = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
_COUNT = """() => {
  const board = document.querySelector("scorewire-board");
  const seen = (window.seen = { boards: 0, drawings: 0 });
  board.addEventListener("scorewire-board", () => { seen.boards += 1; });
  new MutationObserver(() => { seen.drawings += 1; })
    .observe(board.shadowRoot.querySelector(".revision"), { childList: true });
}"""


def smooth(folder: Path) -> list[Row]:
    """What the tasks of the page took in that time, and how often it drew."""
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
        counted, tasks = watched(stack, browser, visitor)
    longest, busy = max(tasks), sum(tasks) / 1000 / SECONDS
    drawn = f"{counted['boards']} boards, {counted['drawings']} drawings"
    what = f"{SECONDS * BATCHES_A_SECOND * len(USERS):,} changes in {SECONDS} s"
    return [
        Row(f"Milliseconds of CPU of the page's longest task, {what}", f"{longest:.0f} ms", drawn, longest, BAR_MS),
        Row("Share of a core that its tasks take", f"{busy:.0%}", f"median {statistics.median(tasks):.2f} ms", busy),
    ]


def watched(stack: Stack, browser: Browser, visitor: Visitor) -> tuple[dict[str, int], list[float]]:
    """How many boards came and how many were drawn, and the milliseconds of CPU of each task meanwhile."""
    visitor.page.evaluate(_COUNT)
    browser.start_tracing(page=visitor.page, categories=_TRACED)
    giving = threading.Thread(target=give, args=(stack,))
    giving.start()
    while giving.is_alive():
        visitor.page.wait_for_timeout(200)
    giving.join()
    return visitor.page.evaluate("window.seen"), tasks_of(json.loads(browser.stop_tracing())["traceEvents"])


def give(stack: Stack) -> None:
    """Gives points to a hundred users at once, ten times a second."""
    begun = time.monotonic()
    for turn in range(SECONDS * BATCHES_A_SECOND):
        time.sleep(max(0.0, begun + turn / BATCHES_A_SECOND - time.monotonic()))
        award_all(stack, [{user: 1 + (7 * turn + place) % 97 for place, user in enumerate(USERS)}])


def tasks_of(events: list[dict[str, Any]]) -> list[float]:
    """The milliseconds of CPU of each task of the thread that pages run on, whatever else the machine does."""
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    took = [event for event in events if event["name"] == "RunTask" and (event["pid"], event["tid"]) in mains]
    return [event["tdur"] / 1000 for event in took if "tdur" in event]
