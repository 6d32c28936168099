"""A ticket that cannot be redeemed in its ten seconds: the page asks for a fresh one by itself, and it counts once."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page.conftest import new_name
from tests.e2e.page.losing import DO_ACTION, UPDATE_SCORE, lose_the_answer
from tests.e2e.page.visitors import Visitor, visiting
from tests.stack import Stack

NOT_YET = "Not redeemed yet. A fresh ticket is on its way."


@pytest.fixture
def stack(fresh_stack: Stack) -> Stack:
    return fresh_stack


@pytest.fixture
def guest(browser: Browser, stack: Stack) -> Iterator[Visitor]:
    """Somebody who has signed in and is asked a question."""
    with visiting(browser, stack.url) as guest:
        guest.sign_in(new_name())
        guest.wait_for_question()
        yield guest


def counts_once(guest: Visitor, stack: Stack) -> None:
    """The award is told, and is the only one in the ledger."""
    expect(guest.calls).to_contain_text("+10 points: score 10")
    expect(guest.calls).to_have_count(1)
    expect(guest.score).to_have_text("10")
    leaderboard = httpx.get(f"{stack.url}/api/leaderboard").json()["leaderboard"]
    assert (leaderboard["revision"], leaderboard["standings"][0]["score"]) == ("1", "10")
    assert guest.kept_tries is None


def test_a_ticket_whose_time_is_over_is_followed_by_a_fresh_one(guest: Visitor, stack: Stack) -> None:
    guest.page.route(UPDATE_SCORE, lambda route: route.abort())
    guest.answer()
    left = guest.page.locator(".ticket .left")
    expect(left).to_contain_text("s left")
    guest.page.route(DO_ACTION, lambda route: route.abort())
    expect(left).to_have_text("its time is over")
    expect(guest.calls).to_contain_text(NOT_YET)
    guest.page.unroute(DO_ACTION)
    guest.page.unroute(UPDATE_SCORE)
    counts_once(guest, stack)


def test_the_next_roll_after_one_whose_ticket_was_not_redeemed_is_that_one(browser: Browser, tmp_path: Path) -> None:
    delivery = {"SCOREWIRE_ACTION__DELIVERY": '{"dice.roll": "ticket"}'}
    with Stack(tmp_path, **delivery) as stack, visiting(browser, stack.url) as guest:
        guest.sign_in(new_name())
        guest.page.route(UPDATE_SCORE, lambda route: route.abort())
        rolled = guest.roll()
        guest.page.reload()
        guest.page.unroute(UPDATE_SCORE)
        assert guest.roll() == rolled
        expect(guest.calls).to_contain_text(f"+{rolled} points: score {rolled}, rank 1.")
        assert guest.kept_tries is None


def test_a_ticket_whose_answers_were_lost_has_counted(guest: Visitor, stack: Stack) -> None:
    guest.page.route(UPDATE_SCORE, lose_the_answer)
    guest.answer()
    expect(guest.calls).to_contain_text(NOT_YET)
    guest.page.unroute(UPDATE_SCORE)
    counts_once(guest, stack)
    guest.button("Redeem again").click()
    expect(guest.calls.last).to_contain_text("TICKET_ALREADY_REDEEMED")


def test_a_page_that_is_loaded_again_goes_on_with_a_ticket(guest: Visitor, stack: Stack) -> None:
    stack.score.kill()
    guest.answer()
    expect(guest.calls).to_contain_text(NOT_YET)
    guest.page.reload()
    expect(guest.page.locator("#question")).to_have_text("What came of your last answer:")
    expect(guest.calls).to_contain_text(NOT_YET)
    stack.score.start().wait_ready()
    counts_once(guest, stack)


def test_whoever_waits_for_a_ticket_can_go_on_to_the_next_question(guest: Visitor, stack: Stack) -> None:
    stack.score.kill()
    guest.answer()
    expect(guest.calls).to_contain_text(NOT_YET)
    guest.button("Next question").click()
    guest.answer(right=False)
    expect(guest.page.locator("#quiz-outcome")).to_contain_text("It earned nothing")
    stack.score.start().wait_ready()
    expect(guest.score).to_have_text("10")
