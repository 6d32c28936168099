"""Calls to the server behind this one: how long they may take, and what their errors mean to our own caller."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import structlog
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from scorewire_server.errors import DeadlineExceeded, Refusal, UpstreamUnavailable
from scorewire_server.rpc.call import current
from scorewire_server.rpc.status import CODES, DOMAIN

log = structlog.get_logger()
MARGIN = 0.1
"""Seconds of the caller's time that are kept for answering it."""

_BY_REASON = {refusal.reason: refusal for refusal in CODES}


class UpstreamFault(Exception):
    """The server behind this one refused what only a mistake of ours can have sent, or failed; for the log alone."""


def outgoing_seconds(longest: float) -> float:
    """How long a call may take: what is left of the caller's time, less a little. Raises DeadlineExceeded."""
    left = current().deadline()
    if left is None:
        return longest
    if left <= MARGIN:
        raise DeadlineExceeded("no time is left to write the award; allow the call more time")
    return min(longest, left - MARGIN)


@contextmanager
def upstream_errors(server: str, passed_on: frozenset[type[Refusal]]) -> Iterator[None]:
    """Turns a failed call to `server` into what our caller learns of it.

    Raises a refusal of `passed_on` as that server gave it, UpstreamUnavailable, DeadlineExceeded, or UpstreamFault.
    """
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise _meaning(server, error, passed_on) from error


def _meaning(server: str, error: grpc.aio.AioRpcError, passed_on: frozenset[type[Refusal]]) -> Exception:
    refusal = refusal_in(rpc_status.from_call(error))  # type: ignore[arg-type] # it has all that a call has
    if refusal and type(refusal) in passed_on:
        return refusal
    # A server that ends cuts what it has not answered, without a reason; our own callers' cancelling comes elsewhere.
    if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        log.warning("upstream unavailable", server=server, details=error.details())
        return UpstreamUnavailable(f"the {server} server cannot be reached; call again in a second")
    if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return DeadlineExceeded(
            f"the {server} server did not answer in time; see what became of it before you repeat it"
        )
    return UpstreamFault(f"the {server} server answered {error.code().name}: {error.details()}")


def refusal_in(status: status_pb2.Status | None) -> Refusal | None:
    """The refusal that a status was made of, without the fields, which are not those of our caller's request."""
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    unpacked = [detail.Unpack(info) or detail.Unpack(retry) for detail in (status.details if status else [])]
    if status is None or not any(unpacked) or info.domain != DOMAIN or info.reason not in _BY_REASON:
        return None
    wait = retry.retry_delay.ToMilliseconds() / 1000 or None
    return _BY_REASON[info.reason](status.message, retry_after=wait, **info.metadata)
