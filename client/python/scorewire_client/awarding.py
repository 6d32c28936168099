"""What an award of a service says, and how many of them go together."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import uuid4

from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_client.errors import ScorewireError
from scorewire_client.results import Award

DELAY_SECONDS = 0.002
"""How long an award may wait for others to go with, while a call is under way. Where none is, it goes at once."""
MOST_AWARDS = 500
"""How many awards a call has at most; the contract would take 1,000."""
MOST_BYTES = 256 * 1024
"""About how large a call may be, so that one award that is too large for the server goes alone."""
MOST_OUTSTANDING = 10_000
"""How many awards of a client may wait for their answers before the next is refused."""

Outcome = Award | ScorewireError
"""What became of an award."""


class AwardDetails(TypedDict, total=False):
    """What more an award may say. Times have a time zone."""

    action_type: str | None
    """What earned it, such as `level.finished`, whose scoring rule bounds the points. Absent means the rule `[direct]`.
    """
    award_id: str | None
    """Names the award for good: the same id never counts twice. The client makes one where none is given."""
    display_name: str | None
    """The name to show for the user from now on."""
    sign_in_time: datetime | None
    """When the user had signed in to do it."""
    client_address: str | None
    """The IP address of the user's client."""
    action_time: datetime | None
    """When it was earned, which is what cooldowns and caps go by; now, where it is absent."""


def award_request(user_id: str, points: int, **details: Unpack[AwardDetails]) -> ApplyScoreRequest:
    """An award, under a new id where none is given.

    Raises ValueError for what no message can hold and for a time without its zone, TypeError for values of other types.
    """
    return ApplyScoreRequest(
        user_id=user_id,
        points=points,
        action_type=details.get("action_type"),
        award_id=details.get("award_id") or uuid4().hex,
        display_name=details.get("display_name"),
        sign_in_time=_timestamp(details.get("sign_in_time")),
        client_address=details.get("client_address"),
        action_time=_timestamp(details.get("action_time")),
    )


def _timestamp(time: datetime | None) -> Timestamp | None:
    if time is None:
        return None
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no time zone; give datetime.now(UTC) or the like")
    return Timestamp(seconds=math.floor(time.timestamp()), nanos=time.microsecond * 1000)


class Batch:
    """Awards that go in one call."""

    def __init__(self) -> None:
        self.requests: list[ApplyScoreRequest] = []
        self._bytes = 0

    def add(self, request: ApplyScoreRequest) -> None:
        """Puts another award into it."""
        self.requests.append(request)
        self._bytes += request.ByteSize()

    def has_room_for(self, request: ApplyScoreRequest) -> bool:
        """Whether that award may go with the others."""
        return len(self.requests) < MOST_AWARDS and self._bytes + request.ByteSize() <= MOST_BYTES


def check_room(outstanding: int) -> None:
    """Raises ScorewireError where so many awards wait that no more are taken."""
    if outstanding >= MOST_OUTSTANDING:
        problem = f"{outstanding} awards of this client wait for their answers; award again when some have come"
        raise ScorewireError(StatusCode.RESOURCE_EXHAUSTED, problem)


def for_each(error: ScorewireError, requests: Sequence[object]) -> list[Outcome]:
    """The error of a call as each award's own: whoever raises one writes into it where it was raised."""
    return [replace(error) for _ in requests]
