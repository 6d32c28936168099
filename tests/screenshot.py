"""Takes the picture of the page that the README shows: `python -m tests.screenshot`."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from tests.e2e.page.visitors import Visitor, launch, visiting
from tests.stack import Stack

PICTURE = Path(__file__).resolve().parent.parent / "docs/images/page.png"
CHROMIUM = shutil.which("chromium") or "chromium"
GUEST = "Katherine"
SCORES = {
    "Ada": 96,
    "Grace": 91,
    "Linus": 87,
    "Margaret": 76,
    "Edsger": 75,
    "Barbara": 73,
    "Donald": 66,
    "Hedy": 63,
    "Alan": 58,
    "Radia": 52,
    "Tim": 47,
}
"""Points of the others; the guest comes in among them, and passes some."""

STANDING_STILL = "Promise.all(document.getAnimations().filter(({ id }) => id).map(({ finished }) => finished))"
"""Rows glide by animations that have an id; the beat of the live sign has none."""


def main() -> None:
    """Runs from the command line."""
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as stack, sync_playwright() as playwright:
        give(stack, SCORES)
        with launch(playwright, CHROMIUM) as browser, visiting(browser, stack.url) as visitor:
            play(stack, visitor)
            PICTURE.parent.mkdir(parents=True, exist_ok=True)
            visitor.page.screenshot(path=PICTURE, full_page=True)


def give(stack: Stack, scores: dict[str, int], user_id: str | None = None) -> None:
    """Gives points as a service does; to users whose id is their name in small letters, unless it is given."""
    awards = [
        ApplyScoreRequest(user_id=user_id or name.lower(), points=points, display_name=name)
        for name, points in scores.items()
    ]
    with stack.score.channel("ops") as channel:
        ScoreInternalServiceStub(channel).ApplyScores(ApplyScoresRequest(awards=awards), timeout=10)


def play(stack: Stack, visitor: Visitor) -> None:
    """A roll, a right answer, its ticket, and the same ticket again: all that there is to see."""
    visitor.sign_in(GUEST)
    give(stack, {GUEST: 66}, visitor.user_id)
    visitor.roll()
    expect(visitor.row(GUEST)).to_have_attribute("data-rank", "7")
    expect(visitor.page.locator(".fell, .gain")).to_have_count(0)
    visitor.answer()
    visitor.button("Redeem again").click()
    expect(visitor.calls).to_have_count(2)
    visitor.page.mouse.move(0, 0)
    visitor.page.evaluate(
        "Promise.all(document.getAnimations().filter(({ id }) => id).map(({ finished }) => finished))"
    )


if __name__ == "__main__":
    main()
