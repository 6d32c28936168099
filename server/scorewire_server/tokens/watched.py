"""Files that may change while a server runs."""

import os
import time
from collections.abc import Callable
from pathlib import Path

LOOK_SECONDS = 1.0
"""How long a change may go unseen."""


class WatchedFile:
    """Says whether a file is another one than before, and asks the disk about once a second."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._monotonic = monotonic
        self._looked = monotonic()
        self._stamp = _stamp(path)

    def changed(self, *, at_once: bool = False) -> bool:
        """Whether it has changed since the last time that this was asked; True once for each change."""
        if not at_once and self._monotonic() - self._looked < LOOK_SECONDS:
            return False
        self._looked = self._monotonic()
        stamp = _stamp(self.path)
        # Kept before anybody reads, so that a broken content is read once and a change during the reading is seen.
        changed, self._stamp = stamp != self._stamp, stamp
        return changed


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Changes when the file does; `None` where there is none."""
    try:
        seen = os.stat(path)  # noqa: PTH116 - half the time of Path.stat, on the way of every call
    except OSError:
        return None
    return seen.st_ino, seen.st_size, seen.st_mtime_ns
