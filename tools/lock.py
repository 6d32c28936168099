"""Locks what `pyproject.toml` asks for: exact versions with hashes, for every platform, naming no registry.

Each lock begins with a digest of the requirements that it answers, so that a stale one is found without a network.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "pyproject.toml"
UV = Path(sys.executable).parent / "uv"


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock file: what is locked in it, as arguments of `uv pip compile`, and which keys of the project count."""

    name: str
    groups: tuple[str, ...]
    with_project: bool = True

    @property
    def path(self) -> Path:
        """Where it is."""
        return ROOT / self.name

    @property
    def sources(self) -> list[str]:
        """What to compile."""
        project = ["pyproject.toml", "--all-extras"] if self.with_project else []
        return [*project, *(f"--group={group}" for group in self.groups)]

    @property
    def first_line(self) -> str:
        """The comment with the digest of what is asked for now."""
        return f"# Made by `make lock`, for requirements {self._digest()}"

    def is_fresh(self) -> bool:
        """Whether the file answers what is asked for now."""
        return self.path.is_file() and self.path.read_text().startswith(self.first_line + "\n")

    def _digest(self) -> str:
        project = tomllib.loads(PROJECT.read_text())
        asked: dict[str, Any] = {name: project["dependency-groups"][name] for name in self.groups}
        if self.with_project:
            keys = ("dependencies", "optional-dependencies", "requires-python")
            asked |= {key: project["project"][key] for key in keys}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


# The later ones take the versions of the first: all of them are installed side by side.
LOCKS = (
    Lock("requirements.lock", ("build",)),
    Lock("requirements-dev.lock", ("dev",)),
    Lock("requirements-node.lock", ("node",), with_project=False),
)


def main() -> None:
    """Runs from the command line; exits non-zero when a lock is stale, or cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which locks are stale")
    if not parser.parse_args().check:
        for lock in LOCKS:
            write(lock)
    stale = [lock.name for lock in LOCKS if not lock.is_fresh()]
    if stale:
        raise SystemExit(
            f"pyproject.toml asks for something else than is locked in {', '.join(stale)}: run `make lock`"
        )


def write(lock: Lock) -> None:
    """Replaces the lock by the newest versions that are asked for."""
    constraints = [] if lock is LOCKS[0] else [f"--constraints={LOCKS[0].path}"]
    form = ["--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    command = [str(UV), "pip", "compile", "--quiet", *form, "--no-emit-index-url", *lock.sources, *constraints]
    compiled = subprocess.run(command, cwd=ROOT, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    lock.path.write_text(f"{lock.first_line}\n{compiled.stdout}")


def environment() -> dict[str, str]:
    """Makes uv, which reads no configuration of pip, ask the registry that pip is told to ask."""
    told = {"UV_DEFAULT_INDEX": configured("index-url"), "SSL_CERT_FILE": configured("cert")}
    return os.environ | {name: value for name, value in told.items() if value}


def configured(key: str) -> str:
    """A setting of pip, from its environment or its files; empty where it is not set."""
    command = [sys.executable, "-m", "pip", "config", "get", f"global.{key}"]
    in_files = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return os.environ.get(f"PIP_{key.replace('-', '_').upper()}", in_files)


if __name__ == "__main__":
    main()
