"""The page is loaded again before an action was answered: its outcome is told, and it counts once."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.page.conftest import new_name
from tests.e2e.page.losing import DO_ACTION, lose_the_answer
from tests.e2e.page.visitors import Visitor, visiting
from tests.stack import Stack
from tests.waiting import until


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


def awards(stack: Stack) -> int:
    """How many awards there are in the ledger."""
    return int(httpx.get(f"{stack.url}/api/leaderboard").json()["leaderboard"]["revision"])


def roll_unanswered(guest: Visitor) -> None:
    """Rolls, and learns nothing of it."""
    guest.page.route(DO_ACTION, lose_the_answer)
    guest.button("Roll the dice").click()
    expect(guest.page.locator("#dice-refusal")).to_contain_text("cannot be reached")
    guest.page.unroute(DO_ACTION)


def test_a_roll_whose_answers_were_lost_counts_once(guest: Visitor, stack: Stack) -> None:
    roll_unanswered(guest)
    guest.page.reload()
    rolled = guest.roll()
    expect(guest.page.locator("#dice-outcome")).to_contain_text(f"It made your score {rolled}.")
    assert awards(stack) == 1
    assert guest.kept_tries is None


def test_a_roll_that_was_under_way_counts_once(guest: Visitor, stack: Stack) -> None:
    done: list[Route] = []

    def hold(route: Route) -> None:
        route.fetch()
        done.append(route)

    guest.page.route(DO_ACTION, hold)
    guest.button("Roll the dice").click()
    until(lambda: guest.kept_tries and done, "the roll was done and not answered")
    guest.page.reload()
    guest.page.unroute(DO_ACTION)  # only now: what is held goes on when nothing holds it, and would be answered
    rolled = guest.roll()
    expect(guest.page.locator("#dice-outcome")).to_contain_text(f"It made your score {rolled}.")
    assert awards(stack) == 1


def test_the_next_roll_after_that_is_another_one(guest: Visitor, stack: Stack) -> None:
    roll_unanswered(guest)
    guest.page.reload()
    rolled = guest.roll() + guest.roll()
    expect(guest.page.locator("#dice-outcome")).to_contain_text(f"It made your score {rolled}.")
    assert awards(stack) == 2


def test_an_answer_to_the_quiz_is_told_by_itself_and_the_next_question_comes(guest: Visitor, stack: Stack) -> None:
    guest.page.route(DO_ACTION, lose_the_answer)
    guest.answer()
    expect(guest.page.locator("#quiz-refusal")).to_be_visible()
    guest.page.unroute(DO_ACTION)
    guest.page.reload()
    expect(guest.page.locator("#question")).to_have_text("What came of your last answer:")
    expect(guest.page.locator("#choices .right")).to_have_count(1)
    expect(guest.calls).to_contain_text("+10 points: score 10, rank")
    assert guest.kept_tries is None
    guest.button("Next question").click()
    guest.answer()
    expect(guest.calls).to_contain_text("+10 points: score 20, rank")
    assert awards(stack) == 2


def test_who_signs_in_next_does_not_get_what_another_was_not_told(guest: Visitor, stack: Stack) -> None:
    roll_unanswered(guest)
    assert guest.kept_tries is not None
    guest.button("Sign out").click()
    assert guest.kept_tries is None
    guest.sign_in(new_name())
    rolled = guest.roll()
    expect(guest.page.locator("#dice-outcome")).to_contain_text(f"It made your score {rolled}.")
    assert awards(stack) == 2
