"""axe finds nothing wrong with the page: in each theme, at each size, in each state."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page.awarding import award
from tests.e2e.page.axe import axe
from tests.e2e.page.conftest import Visit, new_name
from tests.e2e.page.visitors import visiting
from tests.stack import Stack

SIZES = [
    pytest.param({"width": 320, "height": 640}, id="small phone"),
    pytest.param({"width": 768, "height": 1024}, id="tablet"),
    pytest.param({"width": 1280, "height": 900}, id="desktop"),
]
THEMES = ["light", "dark"]
STILL = {"reduced_motion": "reduce"}
"""Colours halfway from one to another are not what is looked at."""


@pytest.mark.parametrize("scheme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_wrong_with_the_page(visit: Visit, stack: Stack, size: dict[str, int], scheme: str) -> None:
    award(stack, "leading", 1)
    for user_id in ("leading-1", "leading-2"):
        award(stack, user_id, 900, name="Twin")
    visitor = visit(viewport=size, color_scheme=scheme, **STILL)
    expect(visitor.board.locator(".window tr").first).to_be_visible()
    assert axe(visitor.page) == [], "before one has signed in"
    visitor.sign_in(new_name())
    visitor.answer()
    visitor.button("Redeem again").click()
    expect(visitor.calls).to_have_count(2)
    visitor.page.get_by_text("As a table").click()
    visitor.roll()
    assert axe(visitor.page) == [], "after all that there is to do"
    visitor.button("Next question").click()
    visitor.answer(right=False)
    assert axe(visitor.page) == [], "after a wrong answer"


@pytest.mark.parametrize("scheme", THEMES)
def test_nothing_is_wrong_with_the_wall(visit: Visit, stack: Stack, scheme: str) -> None:
    award(stack, "leading", 1)
    wall = visit(path="/?wall=1", viewport={"width": 3840, "height": 2160}, color_scheme=scheme, **STILL)
    expect(wall.board.locator(".window tr").first).to_be_visible()
    assert axe(wall.page) == []


@pytest.mark.parametrize("scheme", THEMES)
def test_nothing_is_wrong_with_a_board_that_there_is_not(visit: Visit, scheme: str) -> None:
    visitor = visit(path="/?board=none", color_scheme=scheme, **STILL)
    expect(visitor.board.get_by_role("link", name="main")).to_be_visible()
    assert axe(visitor.page) == []


@pytest.mark.parametrize("scheme", THEMES)
def test_nothing_is_wrong_with_a_board_that_has_aged(browser: Browser, stack: Stack, scheme: str) -> None:
    award(stack, "leading", 1)
    with visiting(browser, stack.url, color_scheme=scheme, **STILL) as visitor:
        visitor.sign_in(new_name())
        expect(visitor.connection).to_have_text("Live")
        expect(visitor.board.locator(".window tr").first).to_be_visible()
        stack.score.kill()
        try:
            expect(visitor.connection).to_contain_text("Stale since")
            assert axe(visitor.page) == []
        finally:
            stack.score.start().wait_ready()
        expect(visitor.connection).to_have_text("Live")
