"""The watch keeps its promises over the wire, from a real server, while awards come in."""

import pytest
from grpc_status import rpc_status
from structlog.testing import capture_logs

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, WatchLeaderboardRequest
from scorewire_server.score.watch import WATCHERS
from tests import promises
from tests.running import RunningServer
from tests.waiting import until


def give(server: RunningServer, user_id: str = "ada", points: int = 1) -> int:
    """An award; answers its revision."""
    return server.internal().ApplyScore(ApplyScoreRequest(user_id=user_id, points=points)).revision


def newest(server: RunningServer):
    return server.scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard


@pytest.mark.parametrize("interval", [0.0, 0.02], ids=["as fast as it goes", "at an interval"])
def test_ordered_unique_and_convergent_under_load(start_score, watch, interval):
    server = start_score(watch_min_interval_seconds=interval)
    watches = [watch(server) for _ in range(4)]
    internal = server.internal()
    for number in range(60):
        batch = [ApplyScoreRequest(user_id=f"user-{number % 13}", points=n - 1) for n in range(number % 4 + 1)]
        internal.ApplyScores(ApplyScoresRequest(awards=batch))
    board = newest(server)
    late = watch(server)
    for each in (*watches, late):
        each.until_revision(board.revision)
        promises.kept(each.messages)
        promises.convergent(each.messages, board)
    assert len(promises.boards(late.messages)) == 1


def test_bookmarkable_over_calls(start_score, watch):
    server = start_score(heartbeat_seconds=0.05)
    revision = give(server)
    first = watch(server)
    first.until_revision(revision)
    first.stop()
    again = watch(server, resume_token=first.messages[-1].resume_token)
    again.until(bool, "a sign of life")
    assert promises.boards(again.messages) == []
    again.until_revision(give(server))
    promises.bookmarkable(first.messages, again.messages)


def test_bookmarkable_from_the_answer_of_a_read(start_score, watch):
    server = start_score(heartbeat_seconds=0.05)
    give(server)
    token = server.scores().GetLeaderboard(GetLeaderboardRequest()).resume_token
    from_there = watch(server, resume_token=token)
    from_there.until(bool, "a sign of life")
    assert promises.boards(from_there.messages) == []
    from_there.until_revision(give(server))


def test_bookmarkable_over_a_restart(start_score, watch):
    server = start_score()
    before = watch(server)
    before.until_revision(give(server))
    server.begin_to_stop()
    before.wait_ended()
    server.wait_stopped()
    after = watch(start_score(heartbeat_seconds=0.05), resume_token=before.messages[-1].resume_token)
    after.until(bool, "a sign of life")
    assert promises.boards(after.messages) == []


def test_a_token_of_another_database_starts_over(start_score, grpc_server, watch):
    give(grpc_server)
    elsewhere = watch(grpc_server)
    elsewhere.until(bool, "a board")
    server = start_score()
    here = watch(server, resume_token=elsewhere.messages[-1].resume_token)
    here.until(bool, "a board")
    promises.started_over(elsewhere.messages, here.messages)
    promises.convergent(here.messages, newest(server))


def test_alive(start_score, watch):
    server = start_score(heartbeat_seconds=0.05)
    quiet = watch(server, user_id="ada")
    quiet.until(lambda messages: len(messages) >= 4, "three heartbeats")
    promises.alive(quiet.messages)
    promises.kept(quiet.messages)
    assert len(promises.boards(quiet.messages)) == 1


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="as it comes"),
        pytest.param({"watch_min_interval_seconds": 3600.0}, id="while boards are held back"),
        pytest.param({"heartbeat_seconds": 0.01}, id="while they beat"),
    ],
)
def test_ended_well(start_score, watch, settings):
    # An hour of grace, so that no watch ends because the server has lost its patience.
    server = start_score(drain_seconds=3600.0, **settings)
    watches = [watch(server) for _ in range(10)]
    for each in watches:
        each.until(bool, "a board")
    server.begin_to_stop()
    for each in watches:
        each.wait_ended()
        promises.kept(each.messages)
        promises.ended_well(each.error, rpc_status.from_call(each.error))
    server.wait_stopped()


def test_the_own_standing_comes_with_the_board(start_score, watch):
    server = start_score()
    give(server, "bob", 9)
    own = watch(server, user_id="ada", limit=1)
    own.until(bool, "a board")
    own.until_revision(give(server, "ada", 4))
    assert [message.HasField("standing") for message in own.messages] == [False, True]
    last = own.messages[-1]
    assert (last.standing.rank, last.standing.score) == (2, 4)
    assert [standing.user_id for standing in last.leaderboard.standings] == ["bob"]


def test_a_watch_sees_its_own_board_alone(start_score, watch):
    server = start_score()
    dice = watch(server, board_id="dice")
    dice.until(bool, "a board")
    give(server)
    roll = ApplyScoreRequest(user_id="ada", points=6, action_type="dice.roll")
    dice.until_revision(server.internal().ApplyScore(roll).revision)
    assert [(b.board_id, b.revision) for b in promises.boards(dice.messages)] == [("dice", 0), ("dice", 2)]


def test_watches_whose_clients_have_gone_are_forgotten(start_score, watch):
    before = WATCHERS._value.get()
    server = start_score()
    watches = [watch(server) for _ in range(5)]
    for each in watches:
        each.until(bool, "a board")
    assert WATCHERS._value.get() == before + 5
    for each in watches:
        each.stop()
    until(lambda: WATCHERS._value.get() == before, "watches forgotten")


def test_a_client_that_goes_while_it_is_sent_to_has_ended_its_watch(start_score):
    server = start_score(watch_min_interval_seconds=0)
    large = [ApplyScoreRequest(user_id=f"{n:a>64}", points=1000, display_name="é" * 32) for n in range(100)]
    server.internal().ApplyScores(ApplyScoresRequest(awards=large))
    narrow = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_535)]
    with capture_logs() as logs:
        unread = server.scores("gateway", narrow).WatchLeaderboard(WatchLeaderboardRequest(limit=100))
        for _ in range(50):  # many times what fits on the way
            give(server, large[0].user_id)
        unread.cancel()
        until(lambda: any(line.get("method", "").endswith("WatchLeaderboard") for line in logs), "the end of the watch")
    ends = [line for line in logs if line["event"] != "award" and "WatchLeaderboard" in line["method"]]
    assert [(line["event"], line.get("code")) for line in ends] == [("call", "CANCELLED")]
