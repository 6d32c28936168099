"""Awards of concurrent threads, put together into few calls."""

import threading
from collections.abc import Callable, Sequence

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire_client.awarding import DELAY_SECONDS, Batch, Outcome, check_room, for_each
from scorewire_client.errors import ScorewireError
from scorewire_client.results import Award

Send = Callable[[Sequence[ApplyScoreRequest]], list[Outcome]]
"""Makes one call with many awards, and repeats it where that helps. Raises ScorewireError where all of it failed."""


class _Joint(Batch):
    """A batch whose first thread makes the call for all. `outcomes` stays `None` where that thread was interrupted."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False
        self.has_left = False
        self.outcomes: Sequence[Outcome] | None = None
        self.over = threading.Event()


class Awards:
    """Whoever comes first makes the call for all who come within a moment.

    A lone caller does not wait. Callers that were answered together are likely on their way in again, one thread after
    the other, so the next call waits for as many, within that moment.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._changed = threading.Condition()
        self._calls = 0
        self._expected = 1
        self._outstanding = 0
        self._open: _Joint | None = None

    def award(self, request: ApplyScoreRequest) -> Award:
        """Gives an award. Raises ScorewireError, for this one alone."""
        while True:
            batch, place = self._join(request)
            if place == 0:
                self._lead(batch)
            batch.over.wait()
            # The thread that made the call may have been interrupted: the award has an id, so it may go again.
            if batch.outcomes is not None:
                return _of(batch.outcomes[place])

    def _join(self, request: ApplyScoreRequest) -> tuple[_Joint, int]:
        with self._changed:
            check_room(self._outstanding)
            if self._open and not self._open.has_room_for(request):
                self._open.is_full = True
                self._open = None
                self._changed.notify_all()
            batch = self._open = self._open or _Joint()
            batch.add(request)
            self._outstanding += 1
            if len(batch.requests) >= self._expected:
                self._changed.notify_all()
            return batch, len(batch.requests) - 1

    def _lead(self, batch: _Joint) -> None:
        try:
            self._depart(batch)
            batch.outcomes = self._outcomes(batch.requests)
        finally:
            with self._changed:
                self._close(batch)
                self._calls -= batch.has_left
                self._expected = len(batch.requests)
                self._outstanding -= len(batch.requests)
                self._changed.notify_all()
            batch.over.set()

    def _depart(self, batch: _Joint) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_complete(batch), DELAY_SECONDS)
            self._close(batch)
            batch.has_left = True
            self._calls += 1

    def _is_complete(self, batch: _Joint) -> bool:
        return batch.is_full or (not self._calls and len(batch.requests) >= self._expected)

    def _close(self, batch: _Joint) -> None:
        if self._open is batch:
            self._open = None

    def _outcomes(self, requests: Sequence[ApplyScoreRequest]) -> Sequence[Outcome]:
        try:
            return self._send(requests)
        except ScorewireError as error:
            return for_each(error, requests)


def _of(outcome: Outcome) -> Award:
    if isinstance(outcome, ScorewireError):
        raise outcome
    return outcome
