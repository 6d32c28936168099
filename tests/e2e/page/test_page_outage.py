"""The gateway is killed and comes back, or answers are lost: the page says so, misses nothing, and counts once."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.page.awarding import award
from tests.e2e.page.conftest import new_name
from tests.e2e.page.losing import DO_ACTION, lose_the_answer
from tests.e2e.page.visitors import NOBODY_THERE, Visitor, visiting
from tests.stack import Stack


@pytest.fixture
def stack(fresh_stack: Stack) -> Stack:
    return fresh_stack


CELLS = """(rows) => rows.map((row) =>
  [...row.querySelectorAll(".number, .name, .points")].map((cell) => cell.textContent))"""


def shown(visitor: Visitor) -> list[tuple[str, ...]]:
    """Rank, name and score of each row."""
    return [tuple(row) for row in visitor.board.locator(".window tr").evaluate_all(CELLS)]


def stored(stack: Stack) -> list[tuple[str, ...]]:
    """The same as the store has it."""
    standings = httpx.get(f"{stack.url}/api/leaderboard").json()["leaderboard"]["standings"]
    return [(str(each["rank"]), each["displayName"], f"{int(each['score']):,}") for each in standings]


def test_a_gateway_that_is_killed_leaves_a_stale_board_which_then_catches_up(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack.url, reduced_motion="reduce") as visitor:
        visitor.sign_in(new_name())
        award(stack, "before", 1000, 1000, 1000)
        expect(visitor.row("before").get_by_role("cell").last).to_have_text("3,000")
        stack.gateway.kill()
        expect(visitor.connection).to_have_text(re.compile(r"Stale since \d+:\d\d:\d\d.*, reconnecting…"))
        expect(visitor.board.locator(".board")).to_have_class(re.compile("aged"))
        award(stack, "before", 7)
        award(stack, "meanwhile", *[1000] * 4)
        expect(visitor.row("before").get_by_role("cell").last).to_have_text("3,000")
        stack.gateway.start().wait_ready()
        expect(visitor.connection).to_have_text("Live")
        expect(visitor.row("meanwhile").get_by_role("cell").last).to_have_text("4,000")
        expect(visitor.board.locator(".board")).not_to_have_class(re.compile("aged"))
        assert shown(visitor) == stored(stack)
        visitor.roll()
        assert [said for said in visitor.complaints if NOBODY_THERE not in said] == []


def test_an_action_that_gets_no_answer_takes_the_outcome_before_it_away(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack.url) as visitor:
        visitor.sign_in(new_name())
        visitor.roll()
        visitor.answer()
        expect(visitor.calls).to_contain_text("+10 points")
        stack.gateway.kill()
        for card, button in (("dice", "Roll the dice"), ("quiz", "Next question")):
            visitor.button(button).click()
            refusal = visitor.page.locator(f"#{card}-refusal")
            expect(refusal).to_have_text("The server cannot be reached. Nothing was lost: try again in a moment.")
            expect(visitor.page.locator(f"#{card}-outcome")).to_be_empty()
        stack.gateway.start().wait_ready()
        visitor.roll()
        expect(visitor.page.locator("#dice-refusal")).to_be_hidden()


def test_an_outcome_is_out_of_sight_while_the_next_one_is_on_its_way(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack.url) as visitor:
        visitor.sign_in(new_name())
        visitor.roll()
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        visitor.page.route(DO_ACTION, hold)
        visitor.button("Roll the dice").click()
        said = visitor.page.locator("#dice-outcome .said")
        expect(said).to_be_hidden()
        held.pop().continue_()
        expect(said).to_be_visible()


def test_a_roll_whose_answers_were_lost_counts_once_when_it_is_tried_again(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack.url) as visitor:
        visitor.sign_in(new_name())
        visitor.page.route(DO_ACTION, lose_the_answer)
        visitor.button("Roll the dice").click()
        expect(visitor.page.locator("#dice-refusal")).to_be_visible()
        visitor.page.unroute(DO_ACTION)
        rolled = visitor.roll()
        expect(visitor.page.locator("#dice-outcome")).to_contain_text(f"It made your score {rolled}.")
        expect(visitor.score).to_have_text(str(rolled))
