"""The life of one call: how often it is sent, how long it waits in between, and what its failure means."""

import time
from collections.abc import Callable
from typing import Any, Generic, TypedDict, TypeVar

from grpc import StatusCode
from tenacity import RetryCallState, retry_if_exception, stop_after_attempt, stop_any, stop_before_delay
from tenacity.wait import wait_base, wait_random_exponential

from scorewire_client.calls import Call
from scorewire_client.errors import ScorewireError

T = TypeVar("T")

ATTEMPTS = 5
"""How often a call is sent at most, and a watch begun that has not got its first message."""


class Pause(wait_base):
    """Seconds to wait after a failure: what the server asks for, and exponential backoff with full jitter on top.

    The jitter is at most `first` seconds after the first failure, twice that after the next, and `longest` in the end.
    """

    def __init__(self, first: float, longest: float) -> None:
        self._jitter = wait_random_exponential(multiplier=first, max=longest)

    def __call__(self, retry_state: RetryCallState) -> float:
        """The seconds after attempt `retry_state.attempt_number`, which failed with a ScorewireError or just ended."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked = error.retry_after if isinstance(error, ScorewireError) else None
        return (asked or 0.0) + self._jitter(retry_state)


class Rules(TypedDict):
    """Arguments of tenacity's `Retrying` and `AsyncRetrying`."""

    retry: retry_if_exception
    wait: Pause
    stop: stop_any
    reraise: bool


class Attempts(Generic[T]):
    """One call with its deadline, `timeout` seconds from now, and how often it has been sent.

    When the client `is_closed`, nothing is sent again.
    """

    def __init__(self, call: Call[T], timeout: float, is_closed: Callable[[], bool]) -> None:
        self.call = call
        self.rules = Rules(
            retry=retry_if_exception(lambda error: not is_closed() and _worth_repeating(call, error)),
            wait=Pause(first=0.1, longest=2.0),
            stop=stop_any(stop_after_attempt(ATTEMPTS), stop_before_delay(timeout)),
            reraise=True,
        )
        self._deadline = time.monotonic() + timeout
        self._sent = 0

    def begin(self) -> float:
        """Counts an attempt; answers the seconds it has."""
        self._sent += 1
        return max(self._deadline - time.monotonic(), 0.001)

    def failed(self, error: ScorewireError) -> T:
        """The answer that a failed attempt still has. Raises the error where it has none."""
        # Only a client that sent this call before may take "already done" for its own lost answer.
        answer = self.call.recover(error) if self.call.recover and self._sent > 1 else None
        if answer is None:
            raise error
        return answer


def may_pass(error: BaseException) -> bool:
    """Whether the same call may succeed a little later."""
    if not isinstance(error, ScorewireError):
        return False
    return error.code is StatusCode.UNAVAILABLE or error.retry_after is not None


def _worth_repeating(call: Call[Any], error: BaseException) -> bool:
    if may_pass(error):
        return call.repeatable
    # A server that ends cuts what it has not answered, and gives no reason. What a caller of ours cancels is no error.
    if isinstance(error, ScorewireError) and error.code is StatusCode.CANCELLED and error.reason is None:
        return call.repeatable
    is_late = isinstance(error, ScorewireError) and error.code is StatusCode.DEADLINE_EXCEEDED
    return is_late and call.is_named
