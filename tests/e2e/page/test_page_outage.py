"""The gateway is killed and comes back: the page says since when it is stale, and misses nothing."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page.awarding import award
from tests.e2e.page.conftest import new_name
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
