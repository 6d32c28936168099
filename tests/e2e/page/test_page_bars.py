"""The bars behind the rows: each begins where it is seen, and has the share of the best score."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.page.awarding import award
from tests.e2e.page.conftest import Visit
from tests.e2e.page.visitors import Visitor
from tests.stack import Stack

SURFACE = (255, 255, 255)
PLACES = """(row) => {
  const { y, height, right } = row.getBoundingClientRect();
  const [initial, user] = [".initial", ".user"].map((part) => row.querySelector(part).getBoundingClientRect());
  return { begin: initial.width ? initial.right : user.left - 8, y, height, right };
}"""


@pytest.fixture
def stack(fresh_stack: Stack) -> Stack:
    return fresh_stack


def coloured(visitor: Visitor, name: str) -> tuple[int, int]:
    """How many pixels of the row have the bar's colour, and how many there are from the initials on."""
    place = visitor.row(name).evaluate(PLACES)
    picture = Image.open(io.BytesIO(visitor.page.screenshot(animations="disabled"))).convert("RGB")
    # Above the letters of the name and below the line of the row before.
    down = round(place["y"] + 0.18 * place["height"])
    across = range(round(place["begin"]) + 1, round(place["right"]))
    return sum(picture.getpixel((x, down)) != SURFACE for x in across), len(across)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_lowest_score_has_a_bar_that_is_seen_and_nobody_s_is_hidden(visit: Visit, stack: Stack, width: int) -> None:
    award(stack, "best", *[1000] * 9)
    award(stack, "half", *[900] * 5)
    award(stack, "least", 1)
    visitor = visit(viewport={"width": width, "height": 900}, color_scheme="light", reduced_motion="reduce")
    expect(visitor.row("least")).to_be_visible()
    (best, room), (half, _), (least, _) = (coloured(visitor, name) for name in ("best", "half", "least"))
    assert best >= room - 14
    assert half == pytest.approx(best / 2, abs=6)
    assert 2 <= least <= 8
