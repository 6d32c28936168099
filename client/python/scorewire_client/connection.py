"""The channel of a client, and the next one when the files of its certificates change."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from scorewire_client.channels import Endpoint
from scorewire_client.tls import Stamp, Tls

C = TypeVar("C")
log = logging.getLogger("scorewire_client")

LOOK_SECONDS = 1.0


class _Held(Generic[C]):
    """A channel, and how many calls are under way on it."""

    def __init__(self, channel: C) -> None:
        self.channel = channel
        self.calls = 0


class Connection(Generic[C]):
    """Lends its channel to calls. The files are looked at once a second at most, by the next call.

    Calls under way end on the channel that they began on, which is closed after the last of them. `connect` makes a
    channel; `close` ends one. Raises ValueError and OSError for an address or files that are no good.
    """

    def __init__(
        self, address: str, tls: Tls | None, connect: Callable[[Endpoint], C], close: Callable[[C], object]
    ) -> None:
        self._address, self._tls = address, tls
        self._connect, self._close = connect, close
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._stamps = tls.stamps() if tls else []
        self._held = self._open()
        self._old: set[_Held[C]] = set()

    def _open(self) -> _Held[C]:
        return _Held(self._connect(Endpoint.of(self._address, self._tls)))

    @contextmanager
    def lent(self) -> Iterator[C]:
        """The channel for one call."""
        with self._lock:
            self._look()
            held = self._held
            held.calls += 1
        try:
            yield held.channel
        finally:
            with self._lock:
                held.calls -= 1
                self._close_unused()

    def drain(self) -> list[C]:
        """The channels that are not closed yet: for the end."""
        with self._lock:
            left = [self._held, *self._old]
            self._old = set()
        return [held.channel for held in left]

    def _look(self) -> None:
        if self._tls is None or time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        stamps = self._tls.stamps()
        if stamps != self._stamps:
            self._replace(self._tls, stamps)

    def _replace(self, tls: Tls, stamps: list[Stamp]) -> None:
        try:
            fresh = self._open()
        except OSError as unusable:
            # They may be half written: the next look tries again.
            log.warning("certificates not taken; the old ones are used on: %s", unusable)
            return
        if tls.stamps() != stamps:
            self._close(fresh.channel)  # they changed while they were read
            return
        self._stamps = stamps
        self._old.add(self._held)
        self._held = fresh
        self._close_unused()

    def _close_unused(self) -> None:
        for held in [each for each in self._old if not each.calls]:
            self._old.remove(held)
            self._close(held.channel)
