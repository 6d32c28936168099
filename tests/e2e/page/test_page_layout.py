"""Where things stand: in the order in which one needs them, and in line with each other."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.e2e.page.awarding import award, award_all
from tests.e2e.page.conftest import Visit, new_name
from tests.e2e.page.visitors import Visitor
from tests.stack import Stack

PHONE = {"viewport": {"width": 390, "height": 844}}
PARTS = [".who", "scorewire-board", ".play", "#chart"]
BOX = "(element) => element.getBoundingClientRect().toJSON()"
TEXT_LEFT = """(heading) => {
  const range = document.createRange();
  range.selectNodeContents(heading);
  return range.getBoundingClientRect().left;
}"""
ON_TOP = """([x, y]) => {
  const at = document.elementFromPoint(x, y);
  return (at.shadowRoot?.elementFromPoint(x, y) ?? at).className;
}"""


def box(visitor: Visitor, selector: str) -> dict[str, float]:
    return dict(visitor.page.locator(selector).first.evaluate(BOX))


def test_on_a_phone_what_one_plays_with_comes_before_the_chart(visit: Visit) -> None:
    visitor = visit(**PHONE)
    boxes = [box(visitor, part) for part in PARTS]
    assert all(above["bottom"] <= below["top"] for above, below in pairwise(boxes))


@pytest.mark.parametrize("width", [320, 390, 470, 600])
def test_what_stands_below_each_other_begins_at_one_edge(visit: Visit, width: int) -> None:
    visitor = visit(viewport={"width": width, "height": 844})
    lefts = visitor.page.get_by_role("heading", level=2).all()
    edges = {round(heading.evaluate(TEXT_LEFT)) for heading in lefts}
    assert len(lefts) >= 5
    assert max(edges) - min(edges) <= 1


def test_on_a_desk_both_columns_end_at_one_line_until_one_has_a_ticket(visit: Visit, stack: Stack) -> None:
    award(stack, "leading", 1)
    visitor = visit()
    in_line(visitor)
    visitor.sign_in(new_name())
    expect(visitor.page.get_by_role("group").get_by_role("button")).to_have_count(4)
    in_line(visitor)
    height = box(visitor, "scorewire-board")["height"]
    visitor.answer()
    visitor.button("Redeem again").click()
    expect(visitor.calls).to_have_count(2)
    assert box(visitor, "scorewire-board")["height"] == height
    board, play, chart = (box(visitor, part) for part in ("scorewire-board", ".play", "#chart"))
    assert (chart["left"], chart["right"]) == (board["left"], board["right"])
    assert board["bottom"] < chart["top"] < board["bottom"] + 24
    assert chart["bottom"] == pytest.approx(play["bottom"], abs=1)


def in_line(visitor: Visitor) -> None:
    parts = ("scorewire-board", ".play", ".play .card:last-child", "#chart")
    board, play, quiz, chart = (box(visitor, part) for part in parts)
    foot = dict(visitor.board.locator(".foot").evaluate(BOX))
    assert board["bottom"] - 24 < foot["bottom"] < board["bottom"]
    assert board["bottom"] == pytest.approx(quiz["bottom"], abs=1)
    assert (chart["left"], chart["right"]) == (board["left"], play["right"])
    assert chart["top"] > quiz["bottom"]


def test_on_a_desk_the_chart_begins_in_sight(visit: Visit) -> None:
    visitor = visit()
    plot = box(visitor, ".plot")
    assert plot["top"] < 900


def test_on_a_desk_a_roll_moves_nothing(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in(new_name())
    expect(visitor.page.get_by_role("group").get_by_role("button")).to_have_count(4)
    before = box(visitor, "#quiz")
    visitor.roll()
    assert box(visitor, "#quiz") == before


def test_on_a_phone_no_row_is_hidden_behind_the_place_of_nobody_s(visit: Visit, stack: Stack) -> None:
    award_all(stack, [{f"sight-{number}": 900 for number in range(10)}])
    visitor = visit(viewport={"width": 390, "height": 700})
    expect(visitor.board.locator(".window tr")).to_have_count(10)
    window = dict(visitor.board.locator(".window").evaluate(BOX))
    assert window["top"] < 700 < window["bottom"]
    assert visitor.page.evaluate(ON_TOP, [window["left"] + window["width"] / 2, 696]) != "own-place"


@pytest.mark.parametrize("width", [320, 390])
def test_no_address_in_the_footer_is_broken_in_two(visit: Visit, width: int) -> None:
    visitor = visit(viewport={"width": width, "height": 844})
    lines = visitor.page.locator("footer :is(a, code)").evaluate_all(
        "(all) => all.map((one) => one.getClientRects().length)"
    )
    assert lines == [1, 1, 1]


def test_what_stays_in_sight_lies_over_nothing_that_is_seen_around_it(visit: Visit, stack: Stack) -> None:
    award_all(stack, [{f"sight-{number}": 900 for number in range(10)}])
    visitor = visit(viewport={"width": 390, "height": 600})
    visitor.sign_in(new_name())
    award(stack, visitor.user_id, 1)
    own = visitor.board.locator(".own-place tr")
    expect(own).to_be_visible()
    visitor.page.evaluate("scrollTo(0, 160)")
    who, board, row = box(visitor, "#you"), box(visitor, "scorewire-board"), own.evaluate(BOX)
    assert board["top"] < who["top"] < who["bottom"] < row["top"]
    for down in (who["top"] - 4, who["bottom"] - 1, who["bottom"] + 4):
        assert visitor.page.evaluate(ON_TOP, [board["left"], down]) == "who"
    for down in (row["top"] - 4, row["top"] + 1, row["bottom"] + 4):
        assert visitor.page.evaluate(ON_TOP, [row["left"] + 1, down]) == "own-place"
