"""Programs that tests need and no lock can have. Tests that miss one are skipped, and say what would get it."""

import os
import shutil
from pathlib import Path

import pytest

PLACES = (Path(__file__).resolve().parent.parent / ".cache/bin", Path.home() / "go/bin")
"""Where a program may be besides `PATH`: `tools/fetch` and Go put programs there."""


def search_path() -> str:
    """`PATH`, and those places."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, PLACES)])


def need(program: str, reason: str, command: str) -> str:
    """The path of a program; skips the test that asks where there is none. `command` is what would get it."""
    found = shutil.which(program, path=search_path())
    if found is None:
        pytest.skip(f"{program} is missing, {reason}; get it with: {command}")
    return found
