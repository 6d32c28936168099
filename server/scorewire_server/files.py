"""Files that others may read while they are written, and files that others may never read."""

import os
import shlex
import stat
from pathlib import Path

from scorewire_server.errors import StartError

OWNER_ONLY = 0o600
EVERYBODY_READS = 0o644
_OWNERS_FOLDER = 0o700
_ROOT = 0


class SecretExposed(StartError):
    """A file with a secret that others than its owner can read or change."""


def replace_file(path: Path, content: bytes, mode: int) -> None:
    """Writes beside the file and moves it into place, so that nobody reads half of it, nor a key others may read.

    The file has that mode whatever the umask is. Raises OSError.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
    beside.replace(path)


def make_folder(path: Path) -> None:
    """Makes a folder, and those above it that are missing, for their owner alone whatever the umask is.

    Raises OSError.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=_OWNERS_FOLDER, exist_ok=True)
    path.chmod(_OWNERS_FOLDER)


def read_secret(path: Path) -> bytes:
    """What a file with a secret holds. Raises SecretExposed where others can read it, with what to do, and OSError."""
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        if is_exposed(found.st_mode, found.st_uid, os.geteuid()):
            mode = f"mode {stat.S_IMODE(found.st_mode):04o}"
            raise SecretExposed(
                f"{path}: others can read this secret ({mode}); where nobody has, run\n"
                f"    chmod 600 {shlex.quote(str(path))}\n  and where somebody may have, put a new one in its place"
            )
        return file.read()


def is_exposed(mode: int, owner: int, reader: int) -> bool:
    """Whether others than its owner and its `reader` (user ids) can reach into a file of that mode.

    A file of root's may be read by the group of a reader who is not root: so secrets are mounted into containers.
    """
    mounted = owner == _ROOT and reader != _ROOT
    return bool(mode & (0o037 if mounted else 0o077))
