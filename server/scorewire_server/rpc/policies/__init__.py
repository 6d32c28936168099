"""What holds for every call, one idea a file; `rpc/compose.py` has their order and wraps them around the handlers.

Policies are made once for each method, at start. A *check* looks at a call before its handler, and raises to refuse it.
An *observer* is told how a call has ended. Both are plain functions: as context managers the same six policies cost 130
µs of every call, and now they cost 25.
"""

from collections.abc import Callable
from typing import NamedTuple

from google.rpc import status_pb2

from scorewire_server.rpc.call import Call, Method


class Outcome(NamedTuple):
    """How a call has ended: the code's name, the reason of a refusal, seconds, and the status where it is not OK."""

    code: str
    reason: str | None
    seconds: float
    status: status_pb2.Status | None


Check = Callable[[Call], None]
MakeCheck = Callable[[Method], Check | None]
"""Makes the check of a method, or answers `None` where it does not concern the method."""

Observer = Callable[[Call, Outcome], None]
MakeObserver = Callable[[Method], Observer]
