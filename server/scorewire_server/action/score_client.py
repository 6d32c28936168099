"""Hands awards to ScoreService over mutual TLS."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.status_pb2 import Status

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest, ApplyScoresResponse
from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceStub
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

if TYPE_CHECKING:
    from scorewire.score.v1.internal_pb2_grpc import ScoreInternalServiceAsyncStub

Taken = int | Refusal
"""What became of an award: the user's score after it, or why ScoreService refuses it for good."""

# What an award is refused for by itself; the same award again would be refused again. That is so of a cooldown too: it
# goes by when the action was done, which no waiting changes.
_PERMANENT = frozenset(
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
    """ScoreInternalService as this server calls it: `channel` has that of the next call, `timeout` is in seconds."""

    def __init__(self, channel: Callable[[], grpc.aio.Channel], timeout: float) -> None:
        self._current = channel
        self._timeout = timeout
        self._connect(channel())

    def _connect(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._of_channel: ScoreInternalServiceAsyncStub = ScoreInternalServiceStub(channel)

    @property
    def _stub(self) -> "ScoreInternalServiceAsyncStub":
        channel = self._current()
        if channel is not self._channel:
            self._connect(channel)
        return self._of_channel

    async def apply(self, entry: Entry, trace: str | None) -> Taken:
        """Delivers the award of an action; safe to repeat, because the award has an id.

        `trace` goes into the other server's log. Raises Overloaded, RateLimited, StorageUnavailable,
        UpstreamUnavailable, DeadlineExceeded, UpstreamFault.
        """
        metadata = (("x-request-id", trace),) if trace else ()
        try:
            with upstream_errors("score", _PERMANENT | _PASSING):
                answer = await self._stub.ApplyScore(_request(entry), timeout=self._timeout, metadata=metadata)
        except tuple(_PERMANENT) as refusal:
            return refusal
        return answer.score

    async def apply_all(self, entries: Sequence[Entry]) -> list[Taken]:
        """Delivers the awards of many actions in one call; each has its own outcome. Raises what `apply` does."""
        request = ApplyScoresRequest(awards=map(_request, entries))
        with upstream_errors("score", _PASSING):
            return _taken(await self._stub.ApplyScores(request, timeout=self._timeout))


def _request(entry: Entry) -> ApplyScoreRequest:
    return ApplyScoreRequest(
        user_id=entry.user_id,
        points=entry.points,
        action_type=entry.action_type,
        award_id=entry.award_id,
        display_name=entry.display_name,
        sign_in_time=_timestamp(entry.signed_in_at),
        client_address=entry.address,
        action_time=_timestamp(entry.claimed_at),
    )


def _timestamp(milliseconds: int | None) -> Timestamp | None:
    if milliseconds is None:
        return None
    seconds, rest = divmod(milliseconds, 1000)
    return Timestamp(seconds=seconds, nanos=rest * 1_000_000)


def _taken(response: ApplyScoresResponse) -> list[Taken]:
    return [
        result.applied.score if result.HasField("applied") else _refusal(result.refused) for result in response.results
    ]


def _refusal(status: Status) -> Refusal:
    refusal = refusal_in(status)
    if refusal is None or type(refusal) not in _PERMANENT:
        raise UpstreamFault(f"the score server refused an award of many for no reason of its own: {status.message}")
    return refusal
