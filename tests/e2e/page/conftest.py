"""Servers and a browser for the tests of the page, and who visits it."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.page.visitors import Visitor, launch, visiting
from tests.needs import need
from tests.stack import Stack

Visit = Callable[..., Visitor]

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of the tests of a file alone: they say who is on the board, and stop them too."""
    with Stack(tmp_path_factory.mktemp("page")) as stack:
        yield stack


@pytest.fixture
def fresh_stack(tmp_path: Path) -> Iterator[Stack]:
    """Servers of a test's own, whose board is empty when it begins."""
    with Stack(tmp_path) as stack:
        yield stack


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = need("chromium", "so the page is not tried", "apt-get install chromium")
    with sync_playwright() as playwright, launch(playwright, chromium) as browser:
        yield browser


@pytest.fixture
def visit(stack: Stack, browser: Browser) -> Iterator[Visit]:
    """Opens the page; fails in the end where a browser complained about it or it asked another host."""
    with ExitStack() as leaving:
        visitors: list[Visitor] = []

        def visit(**context: object) -> Visitor:
            visitors.append(leaving.enter_context(visiting(browser, stack.url, **context)))
            return visitors[-1]

        yield visit
        assert [violation for visitor in visitors for violation in visitor.violations] == []
        assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
        assert {url for visitor in visitors for url in visitor.requests if not url.startswith(stack.url)} == set()


@pytest.fixture
def guest(visit: Visit) -> Visitor:
    """Somebody who has signed in."""
    visitor = visit()
    visitor.sign_in(new_name())
    return visitor


def new_name() -> str:
    return f"Guest {next(_numbers)}"
