"""One running Scorewire for the tests that only use it, and a command line of a person who has never used it."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.running import Up, running
from tests.needs import search_path
from tests.processes import run_cli

RunScorewire = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="package")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A Scorewire that is ready."""
    with running(tmp_path_factory.mktemp("up") / "data", {"PATH": search_path()}) as up:
        yield up


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command line keeps what it remembers."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def scorewire(up: Up, home: Path) -> RunScorewire:
    """Runs a command against the running Scorewire."""
    return lambda *arguments: run_cli(*arguments, env={"SCOREWIRE_ADDRESS": up.address})
