"""The watch keeps its promises over the wire, from a real server, while awards come in."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import ParseDict
from grpc_status import rpc_status

from scorewire.score.v1.decisions_pb2 import QuarantineUserRequest
from scorewire.score.v1.events_pb2_grpc import ScoreEventServiceStub
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, WatchLeaderboardRequest, WatchLeaderboardResponse
from scorewire_server.score.places import WATCHERS
from tests import promises
from tests.copies import copy_ledger, set_back
from tests.running import RunningServer
from tests.waiting import until
from tests.watching import WINDOWS, Watching, read, write


def give(server: RunningServer, user_id: str = "ada", points: int = 1) -> int:
    """An award; answers its revision."""
    return server.internal().ApplyScore(ApplyScoreRequest(user_id=user_id, points=points)).revision


def newest(server: RunningServer):
    return server.scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard


@pytest.mark.parametrize("whole", [False, True], ids=["updates", "whole boards"])
@pytest.mark.parametrize("interval", [0.0, 0.02], ids=["as fast as it goes", "at an interval"])
def test_ordered_unique_and_convergent_under_load(start_score, watch, interval, whole):
    server = start_score(watch_min_interval_seconds=interval)
    watches = {name: [watch(server, **of, user_id="user-2", whole_boards=whole)] for name, of in WINDOWS.items()}
    for name, of in WINDOWS.items():
        watches[name].append(watch(server, **of, whole_boards=whole, min_interval=Duration(nanos=50_000_000)))
    with ThreadPoolExecutor(3) as writers:
        list(writers.map(write, [server.internal() for _ in range(3)], range(3)))
    for name, of in WINDOWS.items():
        board, late = read(server.scores(), of), watch(server, **of, whole_boards=whole)
        for each in (*watches[name], late):
            each.until_revision(board.revision)
            each.check()
            promises.convergent(each.messages, board)
        assert len(promises.boards(late.messages)) == 1


def test_what_each_message_says_is_enough_to_draw(start_score, watch):
    server = start_score()
    for user, points in (("zoe", 20), ("ada", 5), ("bob", 3), ("eve", 1)):
        give(server, user, points)
    watches = [watch(server, limit=3), watch(server, limit=3, whole_boards=True)]
    for each in watches:
        each.until(bool, "a board")
    revision = give(server, "eve", 9)
    for each in watches:
        each.until_revision(revision)
    update, whole = (each.messages[-1] for each in watches)
    assert [(s.rank, s.user_id, s.score) for s in update.update.standings] == [(2, "eve", 10), (3, "ada", 5)]
    assert list(update.update.left_user_ids) == ["bob"]
    assert [(s.user_id, s.rank_change, s.score_change) for s in whole.leaderboard.standings] == [
        ("zoe", 0, 0),
        ("eve", 0, 0),  # it was not in the window
        ("ada", -1, 0),
    ]
    assert update.update.total_users == whole.leaderboard.total_users == 4
    assert update.update.update_time == whole.leaderboard.update_time


def test_the_window_around_a_user_is_empty_until_it_has_a_standing(start_score, watch):
    server = start_score()
    give(server, "bob", 9)
    around = watch(server, around_user_id="ada")
    around.until(bool, "a board")
    around.until_revision(give(server, "ada", 4))
    assert [[s.user_id for s in board.standings] for board in promises.boards(around.messages)] == [[], ["bob", "ada"]]
    promises.convergent(around.messages, read(server.scores(), {"around_user_id": "ada"}))


def test_nobody_who_is_hidden_is_in_any_window(start_score, watch):
    server = start_score()
    for number in range(6):
        give(server, f"user-{number}", 10 - number)
    watches = {name: watch(server, **of) for name, of in WINDOWS.items()}
    for each in watches.values():
        each.until(bool, "a board")
    server.admin().QuarantineUser(QuarantineUserRequest(user_id="user-1", reason="a test"))
    for name, of in WINDOWS.items():
        board = read(server.scores(), of)
        watches[name].until_revision(board.revision)
        assert "user-1" not in {standing.user_id for standing in board.standings}
        promises.convergent(watches[name].messages, board)
        watches[name].check()


def test_when_a_board_became_what_it_is_is_known_after_a_restart(start_score):
    server = start_score()
    before = time.time()
    give(server, "ada", 5)
    board = newest(server)
    assert before - 0.001 <= board.update_time.ToMilliseconds() / 1000 <= time.time()
    server.begin_to_stop()
    server.wait_stopped()
    assert newest(start_score()) == board


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


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_bookmarkable_over_a_drain_and_a_restart(start_score, watch, window):
    server = start_score()
    before = watch(server, **window)
    before.until_revision(give(server, "user-1"))
    server.begin_to_stop()
    before.wait_ended()
    promises.ended_well(before.error, rpc_status.from_call(before.error))
    server.wait_stopped()
    again = start_score(heartbeat_seconds=0.05)
    after = watch(again, **window, resume_token=before.messages[-1].resume_token)
    after.until(bool, "a sign of life")
    assert promises.boards(after.messages) == []
    after.until_revision(give(again, "user-5"))
    promises.bookmarkable(before.messages, after.messages)
    after.check()
    assert promises.boards(after.messages)[-1].revision == 2


def test_a_token_of_another_database_starts_over(start_score, grpc_server, watch):
    give(grpc_server)
    elsewhere = watch(grpc_server)
    elsewhere.until(bool, "a board")
    server = start_score()
    here = watch(server, resume_token=elsewhere.messages[-1].resume_token)
    here.until(bool, "a board")
    promises.started_over(elsewhere.messages, here.messages)
    promises.convergent(here.messages, newest(server))


@pytest.fixture
def lost(start_score, watch, tmp_path) -> tuple[RunningServer, Watching]:
    """A server whose ledger was set back to a copy and has come to the same revision anew, and a watch of before."""
    server = start_score(drain_seconds=3600.0)
    give(server, "ada", 5)
    copy_ledger(server.settings.data_dir, tmp_path / "copy.db")
    before = watch(server)
    before.until_revision(give(server, "bob", 9))
    server.begin_to_stop()
    server.wait_stopped()
    set_back(server.settings.data_dir, tmp_path / "copy.db")
    again = start_score()
    assert give(again, "eve", 7) == promises.boards(before.messages)[-1].revision
    return again, before


def test_convergent_over_a_ledger_that_was_set_back(lost, watch):
    server, before = lost
    after = watch(server, resume_token=before.messages[-1].resume_token)
    after.until(bool, "a board")
    promises.started_over(before.messages, after.messages)
    promises.convergent(after.messages[:1], newest(server))
    after.check()


def test_an_event_source_too_sees_that_a_ledger_was_set_back(lost):
    server, before = lost
    seen = (("last-event-id", before.messages[-1].resume_token),)
    events = ScoreEventServiceStub(server.channel("gateway")).WatchLeaderboardEvents(
        WatchLeaderboardRequest(), metadata=seen
    )
    told = (body.data.partition(b"data: ")[2] for body in events)
    data = json.loads(next(filter(None, told)))
    events.cancel()
    assert ParseDict(data, WatchLeaderboardResponse()).leaderboard == newest(server)


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
    assert [standing.user_id for standing in promises.boards(own.messages)[-1].standings] == ["bob"]


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
