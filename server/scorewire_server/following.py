"""What files hold, read again when they change; what cannot be used is logged, and the last good content stays."""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from scorewire_server.errors import StartError

log = structlog.get_logger()
T = TypeVar("T")

Stamp = tuple[int, int, int] | None


class Followed(Generic[T]):
    """The content of files that belong together; safe to look at from any thread.

    `read` reads all of them, or raises StartError, with what to do, where they are no good. Raises what `read` raises
    at first.
    """

    def __init__(self, paths: Sequence[Path], read: Callable[[], T]) -> None:
        self._paths = paths
        self._read = read
        self._lock = threading.Lock()
        self._stamps = self._look_at_files()
        self._problem: str | None = None
        self.content = read()
        self.version = 1
        """Grows whenever other content is taken."""

    def look(self) -> bool:
        """Reads the files again where they have changed; answers whether they can be used as they are."""
        with self._lock:
            stamps = self._look_at_files()
            if stamps != self._stamps or self._problem:
                # Before reading, so that a change during the reading is seen the next time.
                self._stamps = stamps
                self._read_again()
            return self._problem is None

    def _read_again(self) -> None:
        try:
            content = self._read()
        except StartError as mistake:
            self._complain(str(mistake))
            return
        self._problem = None
        if content != self.content:
            self.content = content
            self.version += 1
            log.info("files read again", files=list(map(str, self._paths)))

    def _complain(self, problem: str) -> None:
        """Says what is wrong, and the same again only after something else."""
        if problem != self._problem:
            log.error("files not taken; what they held before is used on", problem=problem)
        self._problem = problem

    def _look_at_files(self) -> list[Stamp]:
        return list(map(_stamp, self._paths))


def _stamp(path: Path) -> Stamp:
    """Changes when the file does; `None` where there is none."""
    try:
        seen = os.stat(path)  # noqa: PTH116 - half the time of Path.stat, and done every second
    except OSError:
        return None
    return seen.st_ino, seen.st_size, seen.st_mtime_ns
