"""`?board=` says which board the page shows; where there is none of that id, the page says which there are."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.page.awarding import award
from tests.e2e.page.conftest import Visit, new_name
from tests.e2e.page.visitors import Visitor
from tests.stack import Stack

VIEWS = [
    pytest.param({"path": "/?board=none"}, id="desktop"),
    pytest.param({"path": "/?board=none", "viewport": {"width": 390, "height": 844}}, id="phone"),
    pytest.param({"path": "/?wall=1&board=none"}, id="wall"),
]
NEED_A_BOARD = ["table", ".foot", ".chase.invite", ".empty"]
NOTE_ROOM = """() => {
  const board = document.querySelector("scorewire-board");
  window.highest = 0;
  new ResizeObserver(() => { window.highest = Math.max(window.highest, board.offsetHeight); }).observe(board);
}"""
"""Notes how high the board has ever been."""


@pytest.mark.parametrize("wall", ["", "wall=1&"])
def test_a_board_that_there_is_not_says_which_there_are(visit: Visit, stack: Stack, wall: str) -> None:
    award(stack, "leading", 1)
    visitor = visit(path=f"/?{wall}board=none")
    expect(visitor.board.get_by_role("alert")).to_contain_text(
        "There is no board none. Choose one that there is: main."
    )
    visitor.board.get_by_role("link", name="main").click()
    expect(visitor.page).to_have_url(f"{stack.url}/?{wall}board=main")
    expect(visitor.connection).to_have_text("Live")
    expect(visitor.board.locator(".window tr").first).to_be_visible()
    expect(visitor.page.locator("#boards")).to_be_hidden()


def test_what_can_be_no_board_leads_to_the_default_one(visit: Visit, stack: Stack) -> None:
    visitor = visit(path="/?board=No!")
    expect(visitor.board.get_by_role("alert")).to_contain_text("The board id is not accepted as it is.")
    visitor.board.get_by_role("link", name="The default board").click()
    expect(visitor.connection).to_have_text("Live")


@pytest.mark.parametrize("view", VIEWS)
def test_a_board_that_there_is_not_has_no_room_for_rows(visit: Visit, stack: Stack, view: dict[str, object]) -> None:
    award(stack, "leading", 1)
    visitor = visit(**view)
    expect(visitor.board.get_by_role("link", name="main")).to_be_visible()
    for part in NEED_A_BOARD:
        expect(visitor.board.locator(part)).to_be_hidden()
    expect(visitor.page.locator("#chart")).to_be_hidden()
    visitor.board.evaluate("(board) => board.setAttribute('board', 'main')")
    expect(visitor.board.locator(".window tr").first).to_be_visible()
    expect(visitor.board.locator(".foot")).to_contain_text("revision")


def test_signing_in_brings_no_room_for_rows_of_a_board_that_there_is_not(visit: Visit) -> None:
    visitor = visit(path="/?board=none")
    expect(visitor.board.get_by_role("link", name="main")).to_be_visible()
    before = visitor.board.evaluate("(board) => board.offsetHeight")
    visitor.page.evaluate(NOTE_ROOM)
    with visitor.page.expect_response("**/WatchLeaderboard"):
        visitor.sign_in(new_name())
    expect(visitor.board.get_by_role("link", name="main")).to_be_visible()
    visitor.wait_until_drawn()
    assert visitor.page.evaluate("window.highest") <= before
    expect(visitor.page.locator("#chart")).to_be_hidden()


def test_the_page_of_a_board_names_it_and_leads_to_more_of_it(visit: Visit) -> None:
    visitor = visit(path="/?board=main")
    expect(visitor.board.get_by_role("heading", name="Leaderboard · main")).to_be_visible()
    expect(addresses(visitor)).to_have_text(
        ["/api/leaderboard?boardId=main", "/?wall=1&board=main", "/api/leaderboard/watch?boardId=main"]
    )
    links = visitor.page.locator("footer a").evaluate_all("(links) => links.map(({ href }) => href)")
    assert links == [f"{visitor.url}/api/leaderboard?boardId=main", f"{visitor.url}/?wall=1&board=main"]


def addresses(visitor: Visitor) -> Locator:
    return visitor.page.locator("footer [data-board]")
