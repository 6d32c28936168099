"""The folder of Envoy's socket: short, for its owner alone, and found again where a gateway was killed."""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scorewire_server.errors import StartError

_OWNERS_FOLDER = 0o700


@contextmanager
def socket_folder(data_dir: Path) -> Iterator[Path]:
    """A folder for the sockets of the gateway with that data folder; gone at the end.

    It is among the system's temporary files, because the path of a socket may have no more than about 100 characters.
    Its name is made from the data folder's, so that the next gateway uses, and removes, what a killed one left behind.
    Raises StartError.
    """
    name = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"scorewire-{os.geteuid()}-{name}"
    _make_ours(folder)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(f"another gateway uses {data_dir}: stop it, or set data_dir to another folder") from None
        for left in folder.glob("*.sock"):
            left.unlink()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _make_ours(folder: Path) -> None:
    try:
        folder.mkdir(_OWNERS_FOLDER)
    except FileExistsError:
        there = folder.lstat()  # whoever may write to the parent may have been there before us
        others = stat.S_IMODE(there.st_mode) & ~_OWNERS_FOLDER
        if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.geteuid() or others:
            raise StartError(f"{folder} is no folder of ours alone: remove it") from None
