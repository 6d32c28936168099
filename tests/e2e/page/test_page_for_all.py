"""The page in a real Chromium: by keyboard, by ear, without movement, on any screen, from no other host."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.page.awarding import award, award_all
from tests.e2e.page.conftest import Visit, new_name
from tests.e2e.page.visitors import Visitor
from tests.stack import Stack

ANIMATIONS = """() => {
  const roots = [document, document.querySelector("scorewire-board").shadowRoot];
  return roots.flatMap((root) => root.getAnimations()).length;
}"""


def test_it_works_by_keyboard_alone(visit: Visit) -> None:
    visitor = visit()
    keyboard = visitor.page.keyboard
    keyboard.press("Tab")
    expect(visitor.page.get_by_role("radio", name="System")).to_be_focused()
    keyboard.press("Tab")
    expect(visitor.page.get_by_label("Display name")).to_be_focused()
    keyboard.type("Keys")
    keyboard.press("Enter")
    expect(visitor.button("Roll the dice")).to_be_focused()
    keyboard.press("Enter")
    expect(visitor.page.locator("#dice-outcome")).to_contain_text("You rolled")
    expect(visitor.page.get_by_role("group").get_by_role("button")).to_have_count(4)
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(visitor.button("Next question")).to_be_focused()
    keyboard.press("Space")
    expect(visitor.page.get_by_role("group").get_by_role("button").first).to_be_focused()


def test_those_who_hear_the_page_are_told_what_happens(guest: Visitor) -> None:
    guest.page.evaluate(
        """() => {
          window.heard = [];
          const announcement = document.getElementById("announcement");
          new MutationObserver(() => window.heard.push(announcement.textContent))
            .observe(announcement, { childList: true });
        }"""
    )
    guest.answer()
    expect(guest.calls).to_contain_text("rank")
    said = " ".join(guest.page.evaluate("window.heard"))
    assert "right. You have a ticket." in said
    assert "+10 points: score 10" in said


def test_who_wants_less_movement_gets_none(visit: Visit) -> None:
    visitor = visit(reduced_motion="reduce")
    visitor.sign_in(new_name())
    rolled = visitor.roll()
    expect(visitor.score).to_have_text(str(rolled))
    assert visitor.page.evaluate(ANIMATIONS) == 0


def test_the_browser_is_told_to_load_nothing_from_elsewhere(stack: Stack) -> None:
    answer = httpx.get(stack.url)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_is_wider_than_the_screen(visit: Visit, width: int, scheme: str) -> None:
    visitor = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)
    visitor.sign_in("W" * 32)
    visitor.answer()
    visitor.button("Redeem again").click()
    expect(visitor.calls).to_have_count(2)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 640])
def test_at_twice_the_size_nothing_is_cut_off(visit: Visit, width: int) -> None:
    """Zoom of 200 %: half as many pixels of CSS, each twice as large; and letters alone twice as large."""
    zoomed = visit(viewport={"width": width // 2, "height": 450}, device_scale_factor=2)
    zoomed.sign_in(new_name())
    zoomed.roll()
    assert zoomed.page.evaluate("document.documentElement.scrollWidth") <= width // 2
    large = visit(viewport={"width": width, "height": 900})
    large.page.evaluate("document.documentElement.style.fontSize = '200%'")
    large.sign_in(new_name())
    large.roll()
    assert large.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_rows_around_oneself_are_chosen_by_keyboard(visit: Visit, stack: Stack) -> None:
    award_all(stack, [{f"around-{number}": 3 for number in range(12)}])
    visitor = visit()
    expect(visitor.page.get_by_role("radio", name="Around you")).to_be_disabled()
    visitor.sign_in(new_name())
    award(stack, visitor.user_id, 2)
    visitor.page.get_by_role("radio", name="Top 10").focus()
    visitor.page.keyboard.press("ArrowRight")
    own = visitor.board.locator(".window tr.own")
    expect(own).to_contain_text("You")
    expect(visitor.board.locator(".own-place tr")).to_have_count(0)
    visitor.page.keyboard.press("ArrowLeft")
    expect(visitor.board.locator(".window tr").first.locator(".number")).to_have_text("1")
