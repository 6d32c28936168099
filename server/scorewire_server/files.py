"""Files that others may read while they are written."""

import os
from pathlib import Path

OWNER_ONLY = 0o600
EVERYBODY_READS = 0o644


def replace_file(path: Path, content: bytes, mode: int) -> None:
    """Writes beside the file and moves it into place, so that nobody reads half of it, nor a key others may read.

    Raises OSError.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    beside.replace(path)
