"""Callers that call without a pause, a bounded number of times."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import grpc

from bench.servers import Measured
from scorewire.score.v1 import internal_pb2, internal_pb2_grpc, score_pb2, score_pb2_grpc

Call = Callable[[], Awaitable[object]]
MakeCall = Callable[[grpc.aio.Channel], Call]
"""Makes, for a channel, what one caller does again and again."""

_numbers = itertools.count()


class Cost(NamedTuple):
    """What a call costs the server in microseconds of CPU, and how many a second there were."""

    cpu_us: float
    per_second: float


async def load(server: Measured, make: MakeCall, callers: int, calls: int) -> Cost:
    """`callers` call at the same time, `calls` times in all."""
    async with server.channel() as channel:
        call = make(channel)
        await asyncio.gather(*(call() for _ in range(callers)))  # connected, and warm
        loop, cpu = asyncio.get_running_loop(), server.cpu_seconds()
        started, left = loop.time(), iter(range(calls))

        async def caller() -> None:
            for _ in left:
                await call()

        await asyncio.gather(*(caller() for _ in range(callers)))
        seconds, used = loop.time() - started, server.cpu_seconds() - cpu
    return Cost(used / calls * 1e6, calls / seconds)


def apply_score(channel: grpc.aio.Channel) -> Call:
    """One award a call, each for the next of 1,000 users."""
    stub = internal_pb2_grpc.ScoreInternalServiceStub(channel)
    return lambda: stub.ApplyScore(new_award(next(_numbers)))


def get_leaderboard(channel: grpc.aio.Channel) -> Call:
    """The top 100."""
    stub = score_pb2_grpc.ScoreServiceStub(channel)
    request = score_pb2.GetLeaderboardRequest(limit=100)
    return lambda: stub.GetLeaderboard(request)


def get_standing(channel: grpc.aio.Channel) -> Call:
    """The standing of one of the 1,000 users with awards."""
    stub = score_pb2_grpc.ScoreServiceStub(channel)
    return lambda: stub.GetStanding(score_pb2.GetStandingRequest(user_id=f"user{next(_numbers) % 1000}"))


def new_award(number: int) -> internal_pb2.ApplyScoreRequest:
    """A request that gives one of 1,000 users a roll of the dice."""
    return internal_pb2.ApplyScoreRequest(
        user_id=f"user{number % 1000}",
        points=1 + number % 6,
        action_type="dice.roll",
        award_id=f"bench-{number:020d}",
    )


def new_awards(count: int) -> internal_pb2.ApplyScoresRequest:
    """A request that gives `count` awards."""
    return internal_pb2.ApplyScoresRequest(awards=[new_award(next(_numbers)) for _ in range(count)])
