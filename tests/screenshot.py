"""Takes the pictures of the page in docs/images, of each theme and size: `python -m tests.screenshot`."""

import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from tests.e2e.page.hosting import serving
from tests.e2e.page.visitors import Visitor, launch, visiting
from tests.stack import Stack

PICTURES = Path(__file__).resolve().parent.parent / "docs/images"
MOST_BYTES = 150_000
CHROMIUM = shutil.which("chromium") or "chromium"
THEMES = ("light", "dark")
GUEST = "Katherine"
STEP_MS = 15_000

SCORES = {
    "Ada": 1296,
    "Grace": 1291,
    "Linus": 1187,
    "Margaret": 1176,
    "Edsger": 1120,
    "الخوارزمي": 1073,
    "Donald": 966,
    "Chien-Shiung Wu": 943,
    "Alan": 858,
    "Radia": 752,
    "Tim": 547,
}
"""Points of the others."""

RACE: list[dict[str, int]] = [
    {"Linus": 40, "Ada": 6},
    {"Grace": 10, "Margaret": 30},
    {"Linus": 60, "Donald": 12},
    {"Ada": 25, "Edsger": 90},
    {"Margaret": 80, "Grace": 22},
    {"Linus": 55, "Alan": 14},
    {"Grace": 41, "Margaret": 20},
    {"Ada": 30, "Edsger": 45, "Radia": 9},
    {"Margaret": 70, "Linus": 15},
    {"Grace": 35, "الخوارزمي": 20},
    {"Margaret": 55, "Ada": 12},
]
"""What each earns while somebody watches, step by step."""


def main() -> None:
    """Runs from the command line."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, launch(playwright, CHROMIUM) as browser:
        for theme in THEMES:
            look(browser, theme)
        embed(browser)


def look(browser: Browser, theme: str) -> None:
    """The page on a desk, on a phone and on a wall."""
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as stack:
        give(stack, SCORES)
        with watching(browser, stack, theme, viewport={"width": 1280, "height": 900}) as visitor:
            play(stack, visitor)
            save(visitor, f"desktop-{theme}", full_page=True)
            token = visitor.page.evaluate("sessionStorage.getItem('scorewire.session')")
        resumed = [f"sessionStorage.setItem('scorewire.session', {json.dumps(token)})"]
        phone = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "scripts": resumed}
        with watching(browser, stack, theme, **phone) as visitor:
            excite(stack, visitor, {"Ada": 14, "Grace": 9})
            save(visitor, f"phone-{theme}")
        wall = {"viewport": {"width": 3840, "height": 2160}, "device_scale_factor": 1 / 3, "path": "/?wall=1"}
        with watching(browser, stack, theme, **wall) as visitor:
            excite(stack, visitor, {"Margaret": 8, "Linus": 60, "Chien-Shiung Wu": 40}, 300)
            save(visitor, f"wall-{theme}")


def embed(browser: Browser) -> None:
    """The example of another page with a board."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving() as host,
        Stack(Path(folder), SCOREWIRE_GATEWAY__ALLOWED_ORIGINS=f'["{host.url}"]') as stack,
        visiting(browser, "about:blank", viewport={"width": 680, "height": 640}) as visitor,
    ):
        host.gateway = stack.url
        give(stack, SCORES)
        visitor.page.goto(host.url)
        expect(visitor.row("Ada")).to_be_visible()
        excite(stack, visitor, {"Linus": 120})
        save(visitor, "embed")


@contextmanager
def watching(browser: Browser, stack: Stack, theme: str, **context: Any) -> Iterator[Visitor]:
    """Somebody who watches the page in that theme."""
    with visiting(browser, stack.url, color_scheme=theme, **context) as visitor:
        expect(visitor.connection).to_have_text("Live")
        expect(visitor.board.locator(".window tr")).to_have_count(10)
        yield visitor


def give(stack: Stack, scores: dict[str, int], user_id: str | None = None) -> None:
    """Gives points as a service does; to users whose id is made of their name, unless it is given."""
    awards = [
        ApplyScoreRequest(user_id=user_id or name.encode().hex(), points=min(points, 1000), display_name=name)
        for name, whole in scores.items()
        for points in (whole, whole - 1000)
        if points > 0
    ]
    with stack.score.channel("ops") as channel:
        ScoreInternalServiceStub(channel).ApplyScores(ApplyScoresRequest(awards=awards), timeout=10)


def play(stack: Stack, visitor: Visitor) -> None:
    """A race of some minutes, a roll, a right answer, its ticket, and the same ticket again."""
    visitor.sign_in(GUEST)
    give(stack, {GUEST: 1130}, visitor.user_id)
    visitor.page.clock.install()
    for step in RACE:
        visitor.page.clock.run_for(STEP_MS)
        give(stack, step)
    visitor.page.clock.resume()
    visitor.roll()
    visitor.answer()
    visitor.button("Redeem again").click()
    expect(visitor.calls).to_have_count(2)
    visitor.page.mouse.move(0, 0)
    excite(stack, visitor, {"Linus": 8, "Grace": 15})


def excite(stack: Stack, visitor: Visitor, scores: dict[str, int], wait_ms: float = 900) -> None:
    """Gives points, and waits until the rows stand where they belong while it is still seen what they gained."""
    give(stack, scores)
    expect(visitor.board.locator(".gain").first).to_be_visible()
    visitor.page.wait_for_timeout(wait_ms)


def save(visitor: Visitor, name: str, **options: Any) -> None:
    """Keeps what is seen as a picture."""
    path = PICTURES / f"{name}.webp"
    Image.open(io.BytesIO(visitor.page.screenshot(**options))).save(path, quality=90, method=6)
    size = path.stat().st_size
    assert size <= MOST_BYTES, f"{path.name} has {size} bytes, more than {MOST_BYTES}"


if __name__ == "__main__":
    main()
