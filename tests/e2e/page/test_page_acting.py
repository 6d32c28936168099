"""The page in a real Chromium, over all three servers: signing in, both actions, the session."""

from playwright.sync_api import expect

from tests.e2e.page.conftest import Visit
from tests.e2e.page.visitors import Visitor


def test_signing_in_says_that_it_is_for_development(visit: Visit) -> None:
    visitor = visit()
    expect(visitor.page.get_by_text("This is development sign-in")).to_be_visible()
    expect(visitor.button("Roll the dice")).to_be_disabled()
    visitor.sign_in("Ada")
    expect(visitor.page.get_by_role("region", name="Ada").get_by_text("Development sign-in")).to_be_visible()
    expect(visitor.button("Roll the dice")).to_be_focused()


def test_a_name_that_is_not_accepted_says_what_to_do(visit: Visit) -> None:
    visitor = visit()
    visitor.page.get_by_label("Display name").fill("bell\a")
    visitor.button("Sign in").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("The display name is not accepted as it is. Change it")
    visitor.sign_in("<b>Bobby</b> & 中文")


def test_a_roll_is_delivered_internally_and_seen_on_the_board(guest: Visitor) -> None:
    rolled = guest.roll()
    outcome = guest.page.locator("#dice-outcome")
    expect(outcome).to_contain_text(f"Delivered internally, from server to server. It made your score {rolled}.")
    expect(guest.score).to_have_text(str(rolled))
    expect(guest.row(guest.name).get_by_role("cell").last).to_contain_text(str(rolled))
    expect(guest.row(guest.name).get_by_text("You", exact=True)).to_be_visible()


def test_a_right_answer_redeems_its_ticket_for_all_to_see(guest: Visitor) -> None:
    guest.answer()
    ticket = guest.page.get_by_role("region", name="Ticket")
    expect(ticket).to_contain_text("s left")
    for claim in ("iss", "aud", "sub", "iat", "exp", "jti"):
        expect(ticket.get_by_role("term").get_by_text(claim, exact=True)).to_be_visible()
    expect(guest.calls).to_have_count(1)
    expect(guest.calls).to_contain_text("+10 points: score 10, rank")
    expect(guest.score).to_have_text("10")


def test_a_ticket_redeemed_again_changes_nothing_and_says_so(guest: Visitor) -> None:
    guest.answer()
    guest.button("Redeem again").click()
    expect(guest.calls).to_have_count(2)
    expect(guest.calls.last).to_contain_text("TICKET_ALREADY_REDEEMED")
    expect(guest.calls.last).to_contain_text("A ticket counts once: +10 then, nothing now.")
    rolled = guest.roll()
    expect(guest.score).to_have_text(str(10 + rolled))


def test_a_wrong_answer_earns_nothing_and_the_next_question_comes(guest: Visitor) -> None:
    guest.answer(right=False)
    expect(guest.page.locator("#quiz-outcome")).to_contain_text("It earned nothing: no ticket, no points.")
    guest.button("Next question").click()
    guest.answer()
    expect(guest.score).to_have_text("10")


def test_a_reload_keeps_the_session_and_signing_out_ends_it(guest: Visitor) -> None:
    name, rolled = guest.name, guest.roll()
    guest.page.reload()
    expect(guest.page.get_by_role("heading", name=name)).to_be_visible()
    expect(guest.score).to_have_text(str(rolled))
    guest.button("Sign out").click()
    guest.page.reload()
    expect(guest.page.get_by_label("Display name")).to_be_visible()


def test_a_session_that_does_not_count_says_to_sign_in_again(guest: Visitor) -> None:
    guest.page.evaluate(
        """() => {
          const kept = JSON.parse(sessionStorage.getItem("scorewire.session"));
          sessionStorage.setItem("scorewire.session", JSON.stringify({ ...kept, token: "broken" }));
        }"""
    )
    guest.page.reload()
    expect(guest.page.get_by_role("alert")).to_contain_text("Sign in again. SESSION_INVALID")
    expect(guest.page.get_by_label("Display name")).to_be_focused()
