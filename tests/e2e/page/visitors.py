"""People in front of the page: real Chromium, and what one does there."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from scorewire_server.action import samples

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]
DESKTOP = {"width": 1280, "height": 900}
WAIT_MS = 60_000
"""How long anything on the page is waited for at most."""

OBSERVING = """
  window.observed = { shifts: [], violations: [] };
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    window.observed.violations.push(`${violatedDirective}: ${blockedURI}`));
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      const at = ({ x, y, width, height }) => [x, y, width, height].map(Math.round);
      const what = sources.map(({ node, previousRect, currentRect }) =>
        `${node?.outerHTML?.slice(0, 80) ?? node?.textContent} from ${at(previousRect)} to ${at(currentRect)}`);
      window.observed.shifts.push(`${value}: ${what.join("; ")}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
"""
"""Notes what the page's own policy forbade it, and every jump of its layout that nobody had asked for."""

# The browser says this of every call that finds nobody; the tests that stop servers expect it.
NOBODY_THERE = "Failed to load resource: net::ERR_"

ANSWERS = {
    question["text"]: question["answer"]
    for question in tomllib.loads((Path(samples.__file__).parent / "questions.toml").read_text()).values()
}


def launch(playwright: Playwright, chromium: str) -> Browser:
    """The browser at that path, without a screen."""
    expect.set_options(timeout=WAIT_MS)
    return playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, headless=True)


class Visitor:
    """One browser of its own, at the page. `complaints` is what the browser had to say against it."""

    def __init__(self, browser: Browser, url: str, **context: Any) -> None:
        self.url, path, scripts = url, context.pop("path", ""), context.pop("scripts", ())
        self.page: Page = browser.new_context(viewport=context.pop("viewport", DESKTOP), **context).new_page()
        for script in (OBSERVING, *scripts):
            self.page.add_init_script(script)
        self.page.set_default_timeout(WAIT_MS)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(url + path)

    @property
    def violations(self) -> list[str]:
        """What the policy forbade."""
        return list(self.page.evaluate("window.observed.violations"))

    @property
    def shifts(self) -> list[str]:
        """What jumped, once all is drawn."""
        self.wait_until_drawn()
        return list(self.page.evaluate("window.observed.shifts"))

    @property
    def board(self) -> Locator:
        """The leaderboard."""
        return self.page.locator("scorewire-board")

    @property
    def connection(self) -> Locator:
        """Whether the board is live, in words."""
        return self.board.locator(".status")

    @property
    def name(self) -> str:
        """Who is signed in."""
        return self.page.locator("#you-name").inner_text()

    @property
    def user_id(self) -> str:
        """Their id."""
        return str(self.page.evaluate("JSON.parse(sessionStorage.getItem('scorewire.session')).userId"))

    @property
    def score(self) -> Locator:
        """The visitor's own score, as the live board has it."""
        return self.page.locator("#you-score")

    @property
    def calls(self) -> Locator:
        """The calls that redeemed the ticket on the page, with their answers."""
        return self.page.get_by_role("region", name="Ticket").get_by_role("listitem")

    @property
    def kept_tries(self) -> str | None:
        """The tries of actions that have not come to their end, as the tab keeps them."""
        kept: str | None = self.page.evaluate("sessionStorage.getItem('scorewire.tries')")
        return kept

    def row(self, name: str) -> Locator:
        """The row of the board with that display name."""
        return self.board.get_by_role("row").filter(has=self.page.get_by_text(name, exact=True))

    def button(self, name: str) -> Locator:
        """The button with that name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def sign_in(self, name: str) -> None:
        """Becomes a guest of that name."""
        self.page.get_by_label("Display name").fill(name)
        self.button("Sign in").click()
        expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    def roll(self) -> int:
        """Rolls the dice, and answers what they showed."""
        self.button("Roll the dice").click()
        outcome = self.page.locator("#dice-outcome")
        expect(outcome.get_by_text("You rolled")).to_be_visible()  # the one before is hidden meanwhile
        return int(outcome.inner_text().removeprefix("You rolled ")[0])

    def wait_until_drawn(self) -> None:
        """Returns once what has changed is seen."""
        self.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    def wait_for_question(self) -> Locator:
        """The choices of a question, once one is asked."""
        choices = self.page.get_by_role("group").get_by_role("button")
        expect(choices.first).to_be_enabled()  # the choices of an answered question stay until the next one is there
        return choices

    def answer(self, *, right: bool = True) -> None:
        """Answers the question on the page."""
        choices = self.wait_for_question()
        answer = ANSWERS[self.page.locator("#question").inner_text()]
        given = answer if right else next(choice for choice in choices.all_inner_texts() if choice != answer)
        self.button(given).click()


@contextmanager
def visiting(browser: Browser, url: str, **context: Any) -> Iterator[Visitor]:
    """A visitor until the block ends."""
    visitor = Visitor(browser, url, **context)
    try:
        yield visitor
    finally:
        visitor.page.context.close()
