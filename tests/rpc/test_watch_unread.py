"""Clients that do not read what they watch: it costs nobody else anything, and ends."""

import gc

import grpc
from structlog.testing import capture_logs

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest
from scorewire_server.score.places import WATCHERS
from scorewire_server.score.states import State
from tests import promises
from tests.refusals import refusal
from tests.rpc.test_watch import give
from tests.running import RunningServer
from tests.waiting import until
from tests.watching import Watching, read, read_until

LARGE = [ApplyScoreRequest(user_id=f"{n:a>64}", points=1000, display_name="é" * 32) for n in range(100)]
NARROW = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_535)]
"""A client that lets little be under way to it, so that a server soon has to wait for it."""
WHOLE = WatchLeaderboardRequest(limit=100, whole_boards=True)
CHANGES = 50
"""Many times what fits on the way."""


def unread(server: RunningServer) -> grpc.Call:
    return server.scores("gateway", NARROW).WatchLeaderboard(WHOLE)


def change(server: RunningServer) -> int:
    """Large boards, one after the other; answers the last revision."""
    return [give(server, LARGE[0].user_id) for _ in range(CHANGES)][-1]


def ended(logs: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(line["code"], line["reason"]) for line in logs if "Watch" in str(line.get("method"))]


def states() -> int:
    return sum(isinstance(each, State) for each in gc.get_objects())


def test_a_client_that_goes_while_it_is_sent_to_has_ended_its_watch(start_score):
    server = start_score(watch_min_interval_seconds=0)
    server.internal().ApplyScores(ApplyScoresRequest(awards=LARGE))
    with capture_logs() as logs:
        watch = unread(server)
        change(server)
        watch.cancel()
        until(lambda: ended(logs), "the end of the watch")
    assert ended(logs) == [("CANCELLED", None)]


def test_a_watch_that_is_not_read_ends_and_says_why(start_score):
    before = WATCHERS._value.get()
    server = start_score(watch_min_interval_seconds=0, watch_stalled_seconds=0.2)
    server.internal().ApplyScores(ApplyScoresRequest(awards=LARGE))
    with capture_logs() as logs:
        watch = unread(server)
        change(server)
        until(lambda: ended(logs), "the end of the watch")
    assert ended(logs) == [("UNAVAILABLE", "WATCH_STALLED")]
    assert WATCHERS._value.get() == before
    told = refusal(lambda: list(watch))
    assert (told.code, told.reason, told.retry_after) == ("UNAVAILABLE", "WATCH_STALLED", 1.0)


def test_who_reads_late_skips_boards_ends_on_the_newest_and_is_promised_the_same(start_score):
    server = start_score(watch_min_interval_seconds=0)
    server.internal().ApplyScores(ApplyScoresRequest(awards=LARGE))
    watch = unread(server)
    newest = change(server)
    messages = read_until(watch, newest)
    promises.kept(messages)
    promises.tells_changes(messages)
    promises.convergent(messages, read(server.scores(), {"limit": 100}))
    assert len(promises.boards(messages)) < CHANGES


def test_those_who_do_not_read_cost_others_nothing_and_the_server_little(start_score):
    server = start_score(watch_min_interval_seconds=0)
    server.internal().ApplyScores(ApplyScoresRequest(awards=LARGE))
    unread_ones = [unread(server) for _ in range(20)]
    reading = Watching(server.scores(), limit=100, whole_boards=True)
    try:
        for _ in range(3):
            reading.until_revision(change(server))
            # Each watch has the state that it sent last, and there is the newest.
            assert states() <= len(unread_ones) + 3
    finally:
        reading.stop()
        for each in unread_ones:
            each.cancel()
