"""A small disk that can be full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_FILLER = "filler"


class Disk:
    """A folder that is a disk of its own where one can be mounted, which takes Linux and root, or a plain one.

    A full disk here is one without a free block: what is there can be written again, and nothing can grow.
    """

    def __init__(self, folder: Path, is_small: bool) -> None:
        self.folder = folder
        self.is_small = is_small

    @classmethod
    @contextmanager
    def mounted(cls, folder: Path, mib: int) -> Iterator["Disk"]:
        """Mounts it at a new folder, and unmounts it at the end."""
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "scorewire", str(folder)]
        is_small = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        try:
            yield cls(folder, is_small)
        finally:
            if is_small:
                # A reader of a round that was broken off may still be about it.
                subprocess.run(["umount", "--lazy", str(folder)], check=True)

    def fill(self) -> None:
        """Takes all that is free."""
        free = os.statvfs(self.folder)
        with (self.folder / _FILLER).open("ab", buffering=0) as filler:
            if growth := free.f_bavail * free.f_frsize:
                with suppress(OSError):  # somebody else has taken a block meanwhile
                    os.posix_fallocate(filler.fileno(), filler.tell(), growth)

    def free(self) -> None:
        """Gives it back."""
        (self.folder / _FILLER).unlink()
