"""Hands awards to ScoreService over mutual TLS."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import grpc

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_client import calls
from scorewire_client.awarding import award_request
from scorewire_client.errors import ScorewireError
from scorewire_client.results import Award
from scorewire_client.sending import send_async
from scorewire_server.errors import (
    AwardIdReused,
    CapReached,
    Cooldown,
    InvalidField,
    Overloaded,
    PointsOutOfBounds,
    RateLimited,
    Refusal,
    ScoringRuleMissing,
    StorageUnavailable,
    TooSoonAfterSignIn,
    UserBlocked,
)
from scorewire_server.rpc.upstream import UpstreamFault, refusal_in, upstream_errors
from scorewire_server.storage.journal.records import Entry

T = TypeVar("T")

Taken = int | Refusal
"""What became of an award: the user's score after it, or why ScoreService refuses it for good."""

# What an award is refused for by itself; the same award again would be refused again. That is so of a cooldown too: it
# goes by when the action was done, which no waiting changes.
PERMANENT = frozenset(
    {
        AwardIdReused,
        CapReached,
        Cooldown,
        InvalidField,
        PointsOutOfBounds,
        ScoringRuleMissing,
        TooSoonAfterSignIn,
        UserBlocked,
    }
)
# What may pass, and is no fault of either server.
_PASSING = frozenset({Overloaded, RateLimited, StorageUnavailable})


class ScoreClient:
    """ScoreInternalService as this server calls it: `channel` has that of the next call, `timeout` is in seconds.

    What is sent and how it is answered is the Python client's. Which awards go together is not: see the courier.
    """

    def __init__(self, channel: Callable[[], grpc.aio.Channel], timeout: float) -> None:
        self._channel = channel
        self._timeout = timeout

    async def apply(self, entry: Entry, trace: str | None) -> Taken:
        """Delivers the award of an action; safe to repeat, because the award has an id.

        `trace` goes into the other server's log. Raises Overloaded, RateLimited, StorageUnavailable,
        UpstreamUnavailable, DeadlineExceeded, UpstreamFault.
        """
        try:
            with upstream_errors("score", PERMANENT | _PASSING):
                return (await self._send(calls.award(_request(entry), trace))).score
        except tuple(PERMANENT) as refusal:
            return refusal

    async def apply_all(self, entries: Sequence[Entry]) -> list[Taken]:
        """Delivers the awards of many actions in one call; each has its own outcome. Raises what `apply` does."""
        with upstream_errors("score", _PASSING):
            outcomes = await self._send(calls.award_all(map(_request, entries)))
            return [_taken(outcome) for outcome in outcomes]

    async def _send(self, call: calls.Call[T]) -> T:
        return await send_async(self._channel(), call, self._timeout)


def _request(entry: Entry) -> ApplyScoreRequest:
    return award_request(
        entry.user_id,
        entry.points,
        action_type=entry.action_type,
        award_id=entry.award_id,
        display_name=entry.display_name,
        sign_in_time=_time(entry.signed_in_at),
        client_address=entry.address,
        action_time=_time(entry.claimed_at),
    )


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def _taken(outcome: Award | ScorewireError) -> Taken:
    if isinstance(outcome, Award):
        return outcome.score
    refusal = refusal_in(outcome)
    if refusal is None or type(refusal) not in PERMANENT:
        raise UpstreamFault(f"the score server refused an award of many for no reason of its own: {outcome.message}")
    return refusal
