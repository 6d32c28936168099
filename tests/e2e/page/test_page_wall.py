"""The wall: the board alone, as large as the screen."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.page.awarding import award, award_all
from tests.e2e.page.conftest import Visit
from tests.stack import Stack

SCREENS = [
    pytest.param({"width": 3840, "height": 2160}, id="4K"),
    pytest.param({"width": 1280, "height": 720}, id="small"),
    pytest.param({"width": 1080, "height": 1920}, id="upright"),
]
COUNT_LOCKS = """
  window.locks = 0;
  const request = WakeLock.prototype.request;
  WakeLock.prototype.request = function (kind) {
    window.locks += 1;
    return request.call(this, kind);
  };
"""


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("rows", [5, 10, 20])
def test_all_rows_fit_the_screen_and_fill_most_of_it(
    visit: Visit, stack: Stack, screen: dict[str, int], rows: int
) -> None:
    award_all(stack, [{f"wall-{number}": 1 for number in range(20)}])
    wall = visit(path=f"/?wall=1&limit={rows}", viewport=screen)
    expect(wall.board.locator(".window tr")).to_have_count(rows)
    wide, high, bottom = wall.page.evaluate(
        """() => {
          const { scrollWidth, scrollHeight } = document.documentElement;
          const foot = document.querySelector("scorewire-board").shadowRoot.querySelector(".foot");
          return [scrollWidth, scrollHeight, foot.getBoundingClientRect().bottom];
        }"""
    )
    assert wide <= screen["width"]
    assert high <= screen["height"]
    assert bottom > 0.9 * screen["height"]


@pytest.mark.parametrize("zoom", [0.9, 1, 1.1, 1.25, 1.5])
def test_every_row_ends_in_a_line_that_is_seen(visit: Visit, stack: Stack, zoom: float) -> None:
    award_all(stack, [{f"wall-{number}": 1 for number in range(20)}])
    screen = {"width": round(1920 / zoom), "height": round(1080 / zoom)}
    wall = visit(path="/?wall=1", viewport=screen, device_scale_factor=zoom, color_scheme="light")
    expect(wall.board.locator(".window tr")).to_have_count(10)
    bottoms = wall.board.locator(".window tr").evaluate_all(
        "(rows) => rows.map((row) => [row.getBoundingClientRect().left, row.getBoundingClientRect().bottom])"
    )
    picture = Image.open(io.BytesIO(wall.page.screenshot(animations="disabled"))).convert("L")
    darkest = [
        min(picture.getpixel((round((left + 1) * zoom), round(bottom * zoom) - up)) for up in range(5))
        for left, bottom in bottoms
    ]
    surface, line = 255, 226
    assert max(darkest) <= surface - 0.6 * (surface - line)


@pytest.mark.parametrize("rows", [5, 10, 20])
def test_initials_have_air_around_them(visit: Visit, stack: Stack, rows: int) -> None:
    award_all(stack, [{f"wall-{number}": 1 for number in range(20)}])
    wall = visit(path=f"/?wall=1&limit={rows}", viewport={"width": 1920, "height": 1080})
    expect(wall.board.locator(".window tr")).to_have_count(rows)
    row, initial = (
        wall.board.locator(f".window {part}").first.evaluate("(part) => part.getBoundingClientRect().height")
        for part in ("tr", ".initial")
    )
    assert initial <= 0.75 * row


def test_there_is_nothing_to_play_with_and_no_cursor(visit: Visit, stack: Stack) -> None:
    award(stack, "leading", 1)
    wall = visit(path="/?wall=1")
    expect(wall.board.locator(".window tr").first).to_be_visible()
    for hidden in ("button", "radio", "textbox", "figure"):
        expect(wall.page.get_by_role(hidden)).to_have_count(0)
    assert wall.page.evaluate("getComputedStyle(document.body).cursor") == "none"


def test_the_screen_is_asked_to_stay_on(visit: Visit) -> None:
    wall = visit(path="/?wall=1", scripts=[COUNT_LOCKS])
    expect(wall.connection).to_have_text("Live")
    assert wall.page.evaluate("window.locks") == 1
