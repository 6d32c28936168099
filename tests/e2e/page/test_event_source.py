"""A browser's own `EventSource` on the watch: whatever is cut, it comes again by itself, and misses nothing."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from google.protobuf import json_format
from playwright.sync_api import Browser, Page

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, Leaderboard, WatchLeaderboardResponse
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests import promises
from tests.e2e.page.visitors import WAIT_MS
from tests.stack import Stack

WATCH = """path => {
  window.seen = [];
  window.opened = 0;
  window.source = new EventSource(path);
  window.source.onopen = () => window.opened++;
  window.source.onmessage = ({data, lastEventId}) => window.seen.push([data, lastEventId]);
}"""


class Source:
    """An `EventSource` of a page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def until(self, condition: str, what: object = None) -> None:
        """Waits until that is true of `window`."""
        self._page.wait_for_function(condition, arg=what, timeout=WAIT_MS)

    def until_revision(self, revision: int) -> None:
        """Waits until a message of that revision or later has come."""
        newer = "([data]) => { const {leaderboard, update} = JSON.parse(data); return (update ?? leaderboard).revision"
        self.until(f"least => window.seen.some({newer} >= least; }})", revision)

    def messages(self) -> list[WatchLeaderboardResponse]:
        """What has come, as gRPC has it; each with its token as its id."""
        seen = self._page.evaluate("window.seen")
        assert all(json.loads(data)["resumeToken"] == last_event_id for data, last_event_id in seen)
        return [parsed(data) for data, _ in seen]


def parsed(data: str) -> WatchLeaderboardResponse:
    return json_format.Parse(data, WatchLeaderboardResponse())


@contextmanager
def source(browser: Browser, stack: Stack, query: str) -> Iterator[Source]:
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"{stack.url}/openapi.json")  # something of the same origin that watches nothing by itself
        page.evaluate(WATCH, f"/api/leaderboard/watch?{query}")
        yield Source(page)
    finally:
        context.close()


def award(stack: Stack, user_id: str) -> int:
    """Straight to the score server, whatever becomes of the gateway; answers the revision."""
    with stack.score.channel("ops") as channel:
        request = ApplyScoreRequest(user_id=user_id, points=1)
        return ScoreInternalServiceStub(channel).ApplyScore(request, timeout=10).revision


def newest(stack: Stack) -> Leaderboard:
    with stack.score.channel("ops") as channel:
        return ScoreServiceStub(channel).GetLeaderboard(GetLeaderboardRequest(limit=5)).leaderboard


def restart_gateway(stack: Stack) -> int:
    stack.gateway.kill()
    revision = award(stack, "eve")
    stack.gateway.start()
    stack.gateway.wait_ready()
    return revision


def restart_score(stack: Stack) -> int:
    stack.score.stop()
    stack.score.start().wait_ready()
    return award(stack, "eve")


@pytest.mark.parametrize("restart", [restart_gateway, restart_score])
@pytest.mark.parametrize("whole", ["false", "true"])
def test_it_comes_again_and_misses_nothing(
    browser: Browser, stack: Stack, restart: Callable[[Stack], int], whole: str
) -> None:
    award(stack, "ada")
    with source(browser, stack, f"limit=5&wholeBoards={whole}") as watch:
        watch.until("() => window.seen.length > 0")
        watch.until_revision(award(stack, "bob"))
        before = watch.messages()
        watch.until_revision(restart(stack))
        watch.until_revision(award(stack, "ada"))
        watch.until("() => window.opened > 1")
        messages = watch.messages()
    promises.ordered(messages)
    promises.unique(messages)
    promises.bookmarkable(before, messages[len(before) :])
    promises.convergent(messages, newest(stack))


def test_it_comes_again_until_the_server_is_there(browser: Browser, stack: Stack) -> None:
    with source(browser, stack, "limit=5") as watch:
        watch.until("() => window.seen.length > 0")
        stack.score.kill()
        watch.until("() => window.opened > 3")  # each time it is told to come again later
        stack.score.start().wait_ready()
        watch.until_revision(award(stack, "ada"))
        promises.convergent(watch.messages(), newest(stack))
