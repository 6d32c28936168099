"""The page in a real Chromium, over all three servers: the board moves, and catches up after trouble."""

from uuid import uuid4

import httpx
from playwright.sync_api import Browser, expect

from tests.e2e.page.awarding import award
from tests.e2e.page.conftest import Visit, new_name
from tests.e2e.page.visitors import NOBODY_THERE, visiting
from tests.stack import Stack

WATCH_GLIDES = """() => {
  window.glides = {};
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (keyframes, timing) {
    if (timing.id === "glide") window.glides[this.dataset.userId] = parseFloat(keyframes[0].translate.slice(2)) / 100;
    return animate.call(this, keyframes, timing);
  };
}"""
"""Notes how many places below its new one each row starts to glide."""


def test_what_others_do_elsewhere_moves_the_board(visit: Visit, stack: Stack) -> None:
    watcher, player = visit(), visit()
    leading, chasing = (f"{what}-{uuid4().hex[:8]}" for what in ("leading", "chasing"))
    award(stack, leading, 1000, 1000)
    award(stack, chasing, 1000, 990)
    row = watcher.row(chasing)
    expect(row).to_be_visible()
    rank = int(watcher.row(leading).get_attribute("data-rank") or 0)
    expect(row).to_have_attribute("data-rank", str(rank + 1))
    award(stack, chasing, 20)
    expect(row).to_have_attribute("data-rank", str(rank))
    expect(row.get_by_role("cell").first).to_contain_text(str(rank))
    expect(row.locator(".climb.up")).to_have_text("1")
    expect(row.get_by_role("cell").last).to_contain_text("2,010")
    player.sign_in(new_name())
    award(stack, player.user_id, 1000)
    rolled = player.roll()
    expect(watcher.row(player.name).get_by_role("cell").last).to_contain_text(f"1,00{rolled}")


def test_rows_glide_to_their_new_places(visit: Visit, stack: Stack) -> None:
    watcher = visit()
    award(stack, "first", 980)
    award(stack, "second", 970)
    expect(watcher.row("second")).to_be_visible()
    watcher.page.evaluate(WATCH_GLIDES)
    award(stack, "second", 20)
    expect(watcher.row("second").get_by_role("cell").last).to_contain_text("990")
    glides = watcher.page.evaluate("window.glides")
    assert (glides["first"], glides["second"]) == (-1, 1)


def test_a_curl_user_is_seen_too(visit: Visit, stack: Stack) -> None:
    watcher = visit()
    with httpx.Client(base_url=stack.url) as curl:
        session = curl.post("/api/session/guest", json={"displayName": "Curl"}).json()
        award(stack, session["userId"], 1000)
        bearer = {"authorization": f"Bearer {session['token']}"}
        score = int(curl.post("/api/action/do-some", json={"some": None}, headers=bearer).json()["score"])
    expect(watcher.row("Curl").get_by_role("cell").last).to_contain_text(f"{score:,}")


def test_the_own_row_is_there_beyond_the_top_ten(visit: Visit, stack: Stack) -> None:
    for number in range(10):
        award(stack, f"top-{number}", 900)
    guest = visit()
    guest.sign_in(new_name())
    guest.roll()
    row = guest.row(guest.name)
    expect(row.get_by_text("You", exact=True)).to_be_visible()
    expect(guest.board.get_by_role("row")).to_have_count(1 + 10 + 1)
    assert int(row.get_by_role("cell").first.inner_text()) > 10


def test_a_score_server_that_drains_and_returns_is_seen_to(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack.url) as visitor:
        expect(visitor.connection).to_have_text("Live")
        stack.score.stop()
        expect(visitor.connection).to_contain_text("reconnecting…", ignore_case=True)
        stack.score.start().wait_ready()
        expect(visitor.connection).to_have_text("Live")
        award(stack, "returned", 1000)
        expect(visitor.row("returned")).to_be_visible()
        assert [said for said in visitor.complaints if NOBODY_THERE not in said] == []


def test_points_earned_while_the_score_server_is_away_follow(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack.url) as visitor:
        visitor.sign_in(new_name())
        stack.score.kill()
        rolled = visitor.roll()
        expect(visitor.page.locator("#dice-outcome")).to_contain_text("Your score follows")
        stack.score.start().wait_ready()
        expect(visitor.connection).to_have_text("Live")
        expect(visitor.score).to_have_text(str(rolled))


def test_an_action_while_the_servers_are_away_says_what_to_do(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack.url) as visitor:
        visitor.sign_in(new_name())
        stack.action.kill()
        visitor.button("Roll the dice").click()
        expect(visitor.page.locator("#dice-refusal")).to_contain_text("Try again in 1 s. UPSTREAM_UNAVAILABLE")
        stack.action.start().wait_ready()
        visitor.button("Roll the dice").click()
        expect(visitor.page.locator("#dice-outcome")).to_contain_text("It made your score")
