"""The plain page in a real Chromium, served by itself: it plays and watches through the gateway of another origin."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import node
from tests.e2e.page.visitors import launch
from tests.needs import need
from tests.stack import Stack

EXAMPLE = node.ROOT / "examples/web-page"
MODULE = node.WEB / "dist-lib/standalone.js"
GATEWAY = "http://127.0.0.1:8080"
"""The gateway's address as it stands in the example."""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The origin of a folder's files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = need("chromium", "so the page is not tried", "apt-get install chromium")
    with sync_playwright() as playwright, launch(playwright, chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is served, as its README says, beside a gateway that lets it in."""
    folder = tmp_path_factory.mktemp("example") / "page"
    shutil.copytree(EXAMPLE, folder)
    shutil.copy(MODULE, folder)
    with served(folder) as origin:
        allowed = {"SCOREWIRE_GATEWAY__ALLOWED_ORIGINS": f'["{origin}"]'}
        with Stack(tmp_path_factory.mktemp("stack"), **allowed) as stack:
            html = (EXAMPLE / "index.html").read_text()
            assert html.count(GATEWAY) == 2
            (folder / "index.html").write_text(html.replace(GATEWAY, stack.url))
            yield origin


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    complaints: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    assert complaints == []


def test_actions_and_a_redeemed_ticket_are_seen_on_the_board(page: Page) -> None:
    expect(page.locator("#connection")).to_have_text("live")
    page.get_by_label("Display name").fill("Plain")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Roll the dice").click()
    expect(page.get_by_role("status")).to_contain_text("Rolled. Your score is")
    rolled = int(page.get_by_role("status").inner_text().removesuffix(".").split()[-1])
    page.get_by_label("The capital of Australia").select_option("Canberra")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("status")).to_have_text(f"Right: +10. Your score is {rolled + 10}.")
    row = page.get_by_role("row", name="Plain")
    expect(row.get_by_role("cell").last).to_have_text(str(rolled + 10))
    expect(row).to_have_class("own")


def test_a_wrong_answer_earns_nothing(page: Page) -> None:
    page.get_by_label("Display name").fill("Wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("The capital of Australia").select_option("Sydney")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("status")).to_have_text("Wrong: no ticket, no points.")


def test_a_refusal_says_why(page: Page) -> None:
    page.get_by_label("Display name").fill("bell\a")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_contain_text("INVALID")
