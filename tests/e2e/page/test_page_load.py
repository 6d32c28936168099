"""Thousands of changes cost the page no more than its frames, and say no more than one can listen to."""

import json
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page.awarding import award, award_all
from tests.e2e.page.conftest import Visit
from tests.stack import Stack
from tests.waiting import until


@pytest.fixture
def stack(fresh_stack: Stack) -> Stack:
    return fresh_stack


USERS = [f"load-{number}" for number in range(100)]
BATCHES = 40
WATCH_THE_WORK = """() => {
  const board = document.querySelector("scorewire-board");
  const work = (window.work = { boards: 0, draws: 0, changes: 0, frames: 0, said: [] });
  board.addEventListener("scorewire-board", () => { work.boards += 1; });
  const part = (selector) => board.shadowRoot.querySelector(selector);
  new MutationObserver(() => { work.draws += 1; }).observe(part(".revision"), { childList: true });
  new MutationObserver((records) => { work.changes += records.length; })
    .observe(part("table"), { subtree: true, childList: true, attributes: true, characterData: true });
  new MutationObserver(() => work.said.push(performance.now())).observe(part(".heard"), { childList: true });
  const count = () => { work.frames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
}"""
CHANGES_OF_A_ROW = 20
"""At most, in one drawing: place, rank, share, score, marks."""
QUIET_MS = 5_000
TRACED = ["devtools.timeline", "disabled-by-default-devtools.timeline.stack"]


def test_each_frame_draws_one_board_at_most_and_the_last_one_is_the_store_s(visit: Visit, stack: Stack) -> None:
    visitor = visit(reduced_motion="reduce")
    expect(visitor.connection).to_have_text("Live")
    visitor.page.evaluate(WATCH_THE_WORK)
    award_all(
        stack, ({user: 1 + (7 * turn + place) % 900 for place, user in enumerate(USERS)} for turn in range(BATCHES))
    )
    award_all(stack, [{"load-last": 1000} for _ in range(100)])
    expect(visitor.row("load-last").get_by_role("cell").last).to_have_text("100,000")
    work = visitor.page.evaluate("window.work")
    # The first drawing may be of a board that came before.
    assert 0 < work["draws"] <= min(work["boards"] + 1, work["frames"])
    assert work["changes"] <= work["draws"] * 11 * CHANGES_OF_A_ROW
    assert all(later - sooner >= QUIET_MS - 100 for sooner, later in zip(work["said"], work["said"][1:], strict=False))


def test_drawing_asks_for_no_layout_before_the_frame_has_its_own(visit: Visit, browser: Browser, stack: Stack) -> None:
    """What asks where something is, or whether, after a change, has the page laid out in the middle of drawing."""
    visitor = visit()
    award_all(stack, [dict.fromkeys(USERS[:20], 10)])
    expect(visitor.board.locator(".window tr")).to_have_count(10)
    browser.start_tracing(page=visitor.page, categories=TRACED)
    award_all(stack, [{user: 1 + (7 * place) % 20 for place, user in enumerate(USERS[:20])}])
    award(stack, "load-last", 1000)
    expect(visitor.row("load-last")).to_be_visible()
    scripts = scripts_of_layouts(browser.stop_tracing())
    assert len(scripts) > 0
    # The test's own looks at the page ask for layouts too.
    assert [each for each in scripts if any(url.startswith(stack.url) for url in each)] == []


def scripts_of_layouts(trace: bytes) -> list[list[str]]:
    """For each layout the scripts that asked for it; none for what a frame has anyway."""
    layouts = [event for event in json.loads(trace)["traceEvents"] if event["name"] == "Layout" and "args" in event]
    stacks = [layout["args"]["beginData"].get("stackTrace", []) for layout in layouts]
    return [[call["url"] for call in stack] for stack in stacks]


def test_a_hidden_page_draws_nothing_and_then_the_newest(visit: Visit, stack: Stack) -> None:
    visitor = visit(scripts=["window.requestAnimationFrame = (draw) => { window.draw = draw; }"])
    expect(visitor.connection).to_have_text("Live")
    award_all(stack, [{"hidden": 1000} for _ in range(200)])
    newest = "document.querySelector('scorewire-board').newest?.standings[0].score === 200000n"
    until(lambda: visitor.page.evaluate(newest), "the last board")
    expect(visitor.board.locator(".window tr")).to_have_count(0)
    visitor.page.evaluate("window.draw()")
    expect(visitor.row("hidden").get_by_role("cell").last).to_have_text("200,000")


def test_the_board_tells_those_who_hear_it_of_ranks_and_of_its_connection(visit: Visit, stack: Stack) -> None:
    visitor = visit(path="/?wall=1")
    heard = visitor.board.get_by_role("status")
    expect(heard).to_have_text("Live")
    award(stack, "heard", *[1000] * 40)
    expect(heard).to_have_text(re.compile("heard leads with "))
