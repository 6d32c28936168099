"""`examples/embed`, a page of another host with a board: it shows, listens, changes, and leaves nothing behind."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.page.awarding import award, award_all
from tests.e2e.page.axe import axe
from tests.e2e.page.hosting import Host, serving
from tests.e2e.page.visitors import Visitor, visiting
from tests.stack import Stack

CHANGE_ALL = "(board, all) => Object.entries(all).forEach(([name, value]) => board.setAttribute(name, value))"
TAKE_AWAY = "() => { window.taken = document.querySelector('scorewire-board'); window.taken.remove(); }"


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with serving() as host:
        yield host


@pytest.fixture(scope="module")
def stack(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers that let that host's page call."""
    folder = tmp_path_factory.mktemp("embed")
    with Stack(folder, SCOREWIRE_GATEWAY__ALLOWED_ORIGINS=f'["{host.url}"]') as stack:
        host.gateway = stack.url
        award_all(stack, [{f"user-{number:02}": 100 - number for number in range(30)}])
        yield stack


@pytest.fixture
def reader(host: Host, stack: Stack, browser: Browser) -> Iterator[Visitor]:
    """Somebody at the other host's page."""
    with visiting(browser, host.url, reduced_motion="reduce") as reader:
        expect(rows(reader)).to_have_count(5)
        yield reader
        assert reader.violations == []
        assert {url for url in reader.requests if not url.startswith((host.url, stack.url))} == set()


def rows(reader: Visitor) -> Locator:
    return reader.board.locator(".window tr")


def test_it_shows_the_board_and_tells_the_page(reader: Visitor, stack: Stack) -> None:
    expect(rows(reader)).to_have_count(5)
    expect(reader.page.locator("#state")).to_have_text("live")
    award(stack, "user-07", 1000)
    expect(rows(reader).first).to_contain_text("user-07")
    expect(reader.page.locator("#leader")).to_contain_text("user-07 leads with")
    assert reader.complaints == []


def test_attributes_can_be_changed_while_it_runs(reader: Visitor) -> None:
    reader.page.get_by_label("Rows").select_option("10")
    expect(rows(reader)).to_have_count(10)
    reader.page.get_by_label("You are").fill("user-29")
    reader.page.get_by_label("You are").blur()
    own = reader.board.locator(".own-place tr")
    expect(own).to_contain_text("user-29")
    expect(own.get_by_text("You", exact=True)).to_be_visible()
    reader.page.get_by_label("Theme").select_option("dark")
    assert reader.board.evaluate("(board) => getComputedStyle(board).colorScheme") == "dark"
    reader.board.evaluate("(board) => board.setAttribute('heading', 'All time')")
    expect(reader.board.get_by_role("heading", name="All time")).to_be_visible()


def test_what_it_loads_from_its_own_host_is_there(reader: Visitor, host: Host) -> None:
    names = reader.page.locator("link, script").evaluate_all("(all) => all.map(({ href, src }) => href || src)")
    icon = reader.page.locator("link[rel=icon]").get_attribute("href")
    assert f"{host.url}/{icon}" in names
    assert {httpx.get(name).status_code for name in names} == {httpx.codes.OK}


@pytest.mark.parametrize("width", [390, 680])
def test_its_controls_are_in_line(reader: Visitor, width: int) -> None:
    reader.page.set_viewport_size({"width": width, "height": 700})
    boxes = reader.page.locator("form :is(select, input)").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().toJSON())"
    )
    board = reader.board.evaluate("(board) => board.getBoundingClientRect().toJSON()")
    assert len(boxes) == 3
    assert len({(box["top"], box["height"]) for box in boxes}) == 1
    assert (boxes[0]["left"], boxes[-1]["right"]) == (board["left"], board["right"])


def test_some_users_alone_can_be_shown(reader: Visitor) -> None:
    reader.board.evaluate("(board) => board.setAttribute('users', 'user-20 user-03 nobody-here')")
    expect(rows(reader)).to_have_count(2)
    expect(rows(reader).first).to_contain_text("user-03")


def test_the_window_around_a_user_can_be_shown(reader: Visitor) -> None:
    reader.board.evaluate("(board) => board.setAttribute('around', 'user-20')")
    expect(rows(reader)).to_have_count(5)
    expect(rows(reader).nth(2)).to_contain_text("user-20")


def test_another_board_does_not_show_the_rows_of_the_one_before(reader: Visitor) -> None:
    reader.board.evaluate("(board) => board.setAttribute('board', 'not-there')")
    expect(reader.board.get_by_role("alert")).to_contain_text("BOARD_UNKNOWN")
    expect(rows(reader)).to_have_count(0)
    expect(reader.page.locator("#state")).to_have_text("ended")
    reader.board.evaluate("(board) => board.removeAttribute('board')")
    expect(rows(reader)).to_have_count(5)
    expect(reader.board.get_by_role("alert")).to_be_hidden()


def test_a_limit_that_is_refused_says_so(reader: Visitor) -> None:
    reader.board.evaluate("(board) => board.setAttribute('limit', '1000')")
    expect(reader.board.get_by_role("alert")).to_contain_text("INVALID_FIELD")


def test_off_the_page_its_watch_ends_and_back_on_it_goes_on(reader: Visitor, stack: Stack) -> None:
    with reader.page.expect_event("requestfailed", lambda request: "WatchLeaderboard" in request.url):
        reader.page.evaluate(TAKE_AWAY)
    award(stack, "user-11", 1000, 1000, 1000)
    with reader.page.expect_request(lambda request: "WatchLeaderboard" in request.url):
        reader.page.evaluate("() => document.querySelector('main').append(window.taken)")
    expect(rows(reader).first).to_contain_text("user-11")


def test_attributes_that_change_together_make_one_new_watch(reader: Visitor) -> None:
    before = len([url for url in reader.requests if "WatchLeaderboard" in url])
    reader.board.evaluate(CHANGE_ALL, {"limit": "3", "user": "user-29", "board": "main"})
    expect(rows(reader)).to_have_count(3)
    assert len([url for url in reader.requests if "WatchLeaderboard" in url]) == before + 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_it(reader: Visitor, theme: str) -> None:
    reader.page.emulate_media(color_scheme=theme)
    assert axe(reader.page) == []


def test_the_script_is_for_pages_of_all_hosts_and_the_rest_of_the_page_is_not(stack: Stack) -> None:
    origin = {"origin": "https://elsewhere.example.com"}
    script = httpx.get(f"{stack.url}/scorewire-board.js", headers=origin)
    assert script.headers.get_list("access-control-allow-origin") == ["*"]
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-origin" not in httpx.get(stack.url, headers=origin).headers
