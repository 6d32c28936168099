"""The chart of the last minutes, for those who see it and for those who do not."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.page.awarding import award
from tests.e2e.page.conftest import Visit
from tests.stack import Stack


@pytest.fixture
def stack(fresh_stack: Stack) -> Stack:
    return fresh_stack


def test_it_draws_the_top_five_and_says_the_same_in_words(visit: Visit, stack: Stack) -> None:
    for number in range(6):
        award(stack, f"chart-{number}", *[1000] * (40 + number))
    visitor = visit()
    expect(visitor.row("chart-5")).to_be_visible()
    award(stack, "chart-5", 250)
    chart = visitor.page.get_by_role("img", name="The last minutes")
    expect(chart).to_have_accessible_description(re.compile(r"chart-5 45,250 \(\+250\), chart-4 44,000"))
    expect(visitor.page.locator("#chart .line")).to_have_count(5)
    expect(visitor.page.locator("#chart .ends li").first).to_have_text("chart-5")


def test_its_table_opens_by_keyboard(visit: Visit, stack: Stack) -> None:
    award(stack, "charted", *[1000] * 60)
    visitor = visit()
    expect(visitor.row("charted")).to_be_visible()
    award(stack, "charted", 5)
    visitor.page.locator("#chart summary").focus()
    visitor.page.keyboard.press("Enter")
    row = visitor.page.locator("#chart").get_by_role("row").filter(has_text="charted")
    expect(row.get_by_role("cell")).to_have_text(["60,000", "60,005", "+5"])
