"""Nothing on the page jumps that nobody has touched: its layout shift is 0 (CLS), whatever happens to the board."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page.awarding import award, award_all
from tests.e2e.page.conftest import Visit
from tests.e2e.page.visitors import visiting
from tests.stack import Stack


@pytest.fixture
def stack(fresh_stack: Stack) -> Stack:
    return fresh_stack


VIEWS = [
    pytest.param({}, id="desktop"),
    pytest.param({"viewport": {"width": 360, "height": 780}}, id="phone"),
    pytest.param({"path": "/?wall=1", "viewport": {"width": 1920, "height": 1080}}, id="wall"),
    pytest.param({"reduced_motion": "reduce"}, id="without movement"),
]


@pytest.mark.parametrize("view", VIEWS)
def test_loading_and_a_busy_board_move_nothing_else(visit: Visit, stack: Stack, view: dict[str, object]) -> None:
    visitor = visit(**view)
    expect(visitor.connection).to_have_text("Live")
    names = [f"still-{number}" for number in range(12)]
    award_all(stack, [{name: 900 + number for number, name in enumerate(names)}])
    expect(visitor.row(names[-1])).to_be_visible()
    award_all(
        stack, ({name: 1 + (37 * number + 101 * turn) % 1000} for turn in range(9) for number, name in enumerate(names))
    )
    award(stack, "still-end", *[1000] * 20)
    expect(visitor.row("still-end").get_by_role("cell").last).to_have_text("20,000")
    assert visitor.shifts == []


def test_an_own_row_that_comes_climbs_and_passes_others_moves_nothing_else(visit: Visit, stack: Stack) -> None:
    visitor = visit()
    visitor.sign_in("Mover")
    award(stack, "other", 500)
    award(stack, visitor.user_id, 1)
    expect(visitor.score).to_have_text("1")
    award(stack, visitor.user_id, *[1000] * 30)
    expect(visitor.score).to_have_text("30,001")
    expect(visitor.board.get_by_text("You lead by")).to_be_visible()
    assert visitor.shifts == []


@pytest.mark.parametrize("width", [320, 900, 1280])
def test_a_board_that_ages_and_is_live_again_moves_nothing_else(browser: Browser, stack: Stack, width: int) -> None:
    with visiting(browser, stack.url, viewport={"width": width, "height": 1200}) as visitor:
        expect(visitor.connection).to_have_text("Live")
        stack.score.kill()
        expect(visitor.connection).to_contain_text("Stale since")
        stack.score.start().wait_ready()
        expect(visitor.connection).to_have_text("Live")
        assert visitor.shifts == []


def test_the_time_that_a_ticket_has_does_not_move_while_it_gets_shorter(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("Counter")
    visitor.answer()
    expect(visitor.page.locator(".ticket .left")).to_have_text(re.compile(r"^\d s left$"))
    assert [shift for shift in visitor.shifts if 'class="left"' in shift] == []
