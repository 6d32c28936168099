"""The promises of the watch through the gateway, over every window, while awards come in; tests/rpc goes straight."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from grpc_status import rpc_status

from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
from scorewire.score.v1.score_pb2 import WatchLeaderboardResponse
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.score.bookmarks import Bookmarks
from scorewire_server.storage.chain import GENESIS
from tests import promises
from tests.stack import Stack
from tests.watching import WINDOWS, Watching, read, write


@pytest.fixture
def through(stack: Stack) -> Iterator[ScoreServiceStub]:
    with grpc.insecure_channel(stack.gateway.address, [("grpc.enable_retries", 0)]) as channel:
        yield ScoreServiceStub(channel)


@pytest.fixture
def internal(stack: Stack) -> Iterator[ScoreInternalServiceStub]:
    with stack.score.channel("ops") as channel:
        yield ScoreInternalServiceStub(channel)


@pytest.mark.parametrize("whole", [False, True], ids=["updates", "whole boards"])
@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_they_hold_while_awards_come_in(
    through: ScoreServiceStub, internal: ScoreInternalServiceStub, window: dict[str, object], whole: bool
) -> None:
    request = {**window, "whole_boards": whole}
    slow = Duration(nanos=300_000_000)
    with ExitStack() as stopping, ThreadPoolExecutor(3) as writers:

        def watch(**more: object) -> Watching:
            watching = Watching(through, **request, **more)
            stopping.callback(watching.stop)
            return watching

        watches = [watch(user_id="user-2"), watch(min_interval=slow)]
        list(writers.map(write, [internal] * 3, range(3)))
        seen = read(through, window).revision
        watches[0].until_revision(seen)
        again = watch(resume_token=watches[0].messages[-1].resume_token, min_interval=slow)
        writers.submit(write, internal, 3).result()
        board = read(through, window)
        for each in (*watches, again, watch()):
            each.until_revision(board.revision)
            each.check()
            promises.convergent(each.messages, board)
        assert all(board.revision > seen for board in promises.boards(again.messages))


def test_quiet_ones_are_alive(stack: Stack, through: ScoreServiceStub) -> None:
    with ExitStack() as stopping:
        for window in WINDOWS.values():
            quiet = Watching(through, **window)
            stopping.callback(quiet.stop)
            quiet.until(lambda messages: any(each.HasField("heartbeat") for each in messages), "a heartbeat")
            promises.alive(quiet.messages)
            quiet.check()


def test_a_token_of_another_database_starts_over(through: ScoreServiceStub) -> None:
    elsewhere = Bookmarks("e" * 32, "main").resume(10**6, GENESIS)
    before = [WatchLeaderboardResponse(resume_token=elsewhere)]
    with ExitStack() as stopping:
        for window in WINDOWS.values():
            here = Watching(through, **window, resume_token=elsewhere)
            stopping.callback(here.stop)
            here.until(bool, "a board")
            promises.started_over(before, here.messages)
            here.check()


def test_a_drain_of_the_score_server_ends_each_well_and_they_resume(stack: Stack, through: ScoreServiceStub) -> None:
    before = {name: Watching(through, **window) for name, window in WINDOWS.items()}
    for each in before.values():
        each.until(bool, "a board")
    stack.score.stop()
    for each in before.values():
        each.wait_ended()
        promises.ended_well(each.error, rpc_status.from_call(each.error))
    stack.score.start().wait_ready()
    stack.gateway.wait_ready()
    with stack.score.channel("ops") as channel:
        write(ScoreInternalServiceStub(channel), 1)
    for name, window in WINDOWS.items():
        board = read(through, window)
        after = Watching(through, **window, resume_token=before[name].messages[-1].resume_token)
        after.until_revision(board.revision)
        after.stop()
        after.check()
        promises.bookmarkable(before[name].messages, after.messages)
        promises.convergent(after.messages, board)
