"""Calls to the server behind this one: how long they may take, and what their errors mean to our own caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import structlog

from scorewire_client.errors import ScorewireError
from scorewire_server.errors import DeadlineExceeded, Refusal, UpstreamUnavailable
from scorewire_server.rpc.call import current
from scorewire_server.rpc.status import CODES

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
    except ScorewireError as error:
        raise _meaning(server, error, passed_on) from error


def _meaning(server: str, error: ScorewireError, passed_on: frozenset[type[Refusal]]) -> Exception:
    refusal = refusal_in(error)
    if refusal and type(refusal) in passed_on:
        return refusal
    # A server that ends cuts what it has not answered, without a reason; our own callers' cancelling comes elsewhere.
    if error.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        log.warning("upstream unavailable", server=server, details=error.message)
        return UpstreamUnavailable(f"the {server} server cannot be reached; call again in a second")
    if error.code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return DeadlineExceeded(
            f"the {server} server did not answer in time; see what became of it before you repeat it"
        )
    return UpstreamFault(f"the {server} server answered {error.code.name}: {error.message}")


def refusal_in(error: ScorewireError) -> Refusal | None:
    """The refusal that an error was made of, without the fields, which are not those of our caller's request."""
    kind = _BY_REASON.get(error.reason or "")
    if kind is None:
        return None
    metadata: dict[str, Any] = dict(error.metadata)
    return kind(error.message, retry_after=error.retry_after or None, **metadata)
