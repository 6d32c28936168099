"""Names: as long as they are, and told apart where several users have one and the same."""

import re

from playwright.sync_api import expect

from tests.e2e.page.awarding import award
from tests.e2e.page.conftest import Visit
from tests.stack import Stack

LIMIT = "up to 32 characters"


def test_users_of_one_name_have_a_part_of_their_ids_beside_it_and_others_have_not(visit: Visit, stack: Stack) -> None:
    for user_id, points in (("one-of-two-1111", 1000), ("one-of-two-2222", 990)):
        award(stack, user_id, *[points] * 30, name="Twin")
    award(stack, "single", *[980] * 30)
    visitor = visit()
    twins = visitor.row("Twin")
    expect(twins.get_by_role("rowheader")).to_have_text([re.compile("Twin.*id …1111"), re.compile("Twin.*id …2222")])
    expect(twins.first.get_by_text("Twin")).to_have_attribute("title", "Twin · one-of-two-1111")
    expect(visitor.row("single").locator(".mark")).to_be_hidden()
    expect(visitor.page.locator("#chart .ends li").first).to_have_text("Twin id …1111")


def test_a_namesake_who_comes_moves_nothing(visit: Visit, stack: Stack) -> None:
    award(stack, "first-of-them", *[1000] * 40, name="Namesake")
    visitor = visit()
    expect(visitor.row("Namesake")).to_be_visible()
    award(stack, "second-of-them", *[1000] * 41, name="Namesake")
    expect(visitor.row("Namesake")).to_have_count(2)
    assert visitor.shifts == []


def test_a_name_that_is_too_long_is_not_cut_but_said_to_be_so(visit: Visit) -> None:
    visitor = visit()
    name, limit = visitor.page.get_by_label("Display name"), visitor.page.locator("#name-limit")
    expect(name).to_have_accessible_description(re.compile(LIMIT))
    name.fill("W" * 40)
    expect(name).to_have_value("W" * 40)
    expect(limit).to_have_text(f"8 too many, {LIMIT}")
    visitor.button("Sign in").click()
    expect(name).to_be_focused()
    assert not any("SignInAsGuest" in url for url in visitor.requests)
    name.fill("W" * 32)
    expect(limit).to_have_text(LIMIT)
    visitor.button("Sign in").click()
    expect(visitor.page.get_by_role("heading", name="W" * 32)).to_have_attribute("title", "W" * 32)
