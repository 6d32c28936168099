"""Light, dark, or as the system has it; the choice is kept."""

import pytest
from playwright.sync_api import expect

from tests.e2e.page.conftest import Visit
from tests.e2e.page.visitors import Visitor
from tests.waiting import until

DARK, LIGHT = "rgb(12, 17, 14)", "rgb(243, 245, 242)"


def ground(visitor: Visitor) -> str:
    return str(visitor.page.evaluate("getComputedStyle(document.body).backgroundColor"))


@pytest.mark.parametrize(("scheme", "colour"), [("light", LIGHT), ("dark", DARK)])
def test_the_system_says_unless_one_chooses(visit: Visit, scheme: str, colour: str) -> None:
    assert ground(visit(color_scheme=scheme)) == colour


def test_what_one_chooses_by_keyboard_is_kept_from_the_first_paint_on(visit: Visit) -> None:
    visitor = visit(color_scheme="light")
    visitor.page.get_by_role("radio", name="System").focus()
    visitor.page.keyboard.press("ArrowRight")
    visitor.page.keyboard.press("ArrowRight")
    expect(visitor.page.get_by_role("radio", name="Dark")).to_be_checked()
    assert ground(visitor) == DARK
    visitor.page.goto(visitor.url, wait_until="commit")
    until(lambda: visitor.page.evaluate("document.body !== null"), "the page")
    assert ground(visitor) == DARK
    expect(visitor.page.get_by_role("radio", name="Dark")).to_be_checked()


def test_the_board_has_the_theme_of_the_page(visit: Visit) -> None:
    visitor = visit(color_scheme="light")
    visitor.page.get_by_title("Dark", exact=True).click()
    assert visitor.board.evaluate("(board) => getComputedStyle(board).colorScheme") == "dark"
