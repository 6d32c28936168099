"""The chart of the last minutes, for those who see it and for those who do not."""

import re
from itertools import pairwise

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
    chart = visitor.page.get_by_role("img", name="Top five, last minute")
    expect(chart).to_have_accessible_description(re.compile(r"chart-5 45,250 \(\+250\), chart-4 44,000"))
    expect(visitor.page.locator("#chart .line")).to_have_count(5)
    expect(visitor.page.locator("#chart .ends li").first).to_have_text("chart-5")


NAMED = """(chart) => {
  const leads = [...chart.querySelectorAll(".lead")];
  return [...chart.querySelectorAll(".ends span")].map((label, index) => {
    const { y, height } = leads[index].ownerSVGElement.getBoundingClientRect();
    const [, end, place] = leads[index].getAttribute("d").match(/M0 ([\\d.]+)L100 ([\\d.]+)/);
    const { top, bottom } = label.getBoundingClientRect();
    return { top, bottom, end: y + (end * height) / 100, place: y + (place * height) / 100 };
  });
}"""
"""From above to below, where each name is, where its line ends, and where the lead between them does."""


@pytest.mark.parametrize("width", [390, 1280])
def test_names_stand_beside_the_ends_of_their_lines_and_not_over_each_other(
    visit: Visit, stack: Stack, width: int
) -> None:
    for place, points in enumerate((1000, 999, 998, 700, 699)):
        award(stack, f"near-{place}", points)
    visitor = visit(viewport={"width": width, "height": 900})
    expect(visitor.page.locator("#chart .ends li")).to_have_count(5)
    named = visitor.page.locator("#chart").evaluate(NAMED)
    assert all(above["bottom"] <= below["top"] for above, below in pairwise(named))
    assert all(each["top"] <= each["place"] <= each["bottom"] for each in named)
    assert all(abs(each["place"] - each["end"]) <= 24 for each in named)


def test_it_says_how_long_it_is_and_has_two_or_three_levels(visit: Visit, stack: Stack) -> None:
    for place, points in enumerate((1000, 870, 733)):
        award(stack, f"level-{place}", points)
    visitor = visit()
    levels = visitor.page.locator("#chart .levels li")
    expect(levels).to_have_text(["800", "900", "1,000"])
    expect(visitor.page.locator("#chart .times")).to_have_text("1 min agonow")
    visitor.page.clock.install()
    visitor.page.clock.run_for(10 * 60_000)
    expect(visitor.page.get_by_role("heading", name="Top five, last 5 minutes")).to_be_visible()
    expect(visitor.page.locator("#chart .times")).to_have_text("5 min agonow")


def test_its_table_opens_by_keyboard(visit: Visit, stack: Stack) -> None:
    award(stack, "charted", *[1000] * 60)
    visitor = visit()
    expect(visitor.row("charted")).to_be_visible()
    award(stack, "charted", 5)
    visitor.page.locator("#chart summary").focus()
    visitor.page.keyboard.press("Enter")
    row = visitor.page.locator("#chart").get_by_role("row").filter(has_text="charted")
    expect(row.get_by_role("cell")).to_have_text(["60,000", "60,005", "+5"])
