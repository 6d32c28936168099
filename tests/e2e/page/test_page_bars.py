"""The bars behind the rows: each begins where it is seen, and has the share of the best score; nobody's has none."""

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
    picture = seen(visitor)
    # Above the letters of the name and below the line of the row before.
    down = round(place["y"] + 0.18 * place["height"])
    across = range(round(place["begin"]) + 1, round(place["right"]))
    return sum(picture.getpixel((x, down)) != SURFACE for x in across), len(across)


def seen(visitor: Visitor) -> Image.Image:
    return Image.open(io.BytesIO(visitor.page.screenshot(animations="disabled"))).convert("RGB")


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


def test_places_that_nobody_has_taken_are_kept_and_blank(visit: Visit, stack: Stack) -> None:
    award(stack, "best", 900)
    award(stack, "second", 800)
    visitor = visit(color_scheme="light", reduced_motion="reduce")
    expect(visitor.row("second")).to_be_visible()
    window, row = (visitor.board.locator(f".window{part}").last.bounding_box() for part in ("", " tr"))
    assert window is not None
    assert row is not None
    assert window["height"] == 10 * row["height"]
    places = (window["x"], row["y"] + row["height"], window["x"] + window["width"], window["y"] + window["height"])
    blank = seen(visitor).crop(tuple(round(edge) for edge in places))
    assert blank.getcolors() == [(blank.width * blank.height, SURFACE)]
