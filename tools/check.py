"""Every check of `make check`, as many at once as there are cores; all that fail are shown, with what they said."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TOOLS = ROOT / "tools"
WEB = "client/web"
WATCHER = "examples/node-watcher"
NPM = ("npm", "--prefix", WEB, "run", "--silent")
NODE_BIN = ROOT / WEB / "node_modules/.bin"

Command = tuple[str | Path, ...]
CHECKS: dict[str, Command] = {
    "page tests": (*NPM, "test"),  # first, because it takes longest
    "python lint": (BIN / "ruff", "check", "."),
    "python format": (BIN / "ruff", "format", "--check", "."),
    "python types": (BIN / "mypy",),
    "contract": (sys.executable, TOOLS / "contract.py"),
    "generated code": (sys.executable, TOOLS / "fresh.py"),
    "locks": (sys.executable, TOOLS / "lock.py", "--check"),
    "page lock": ("npm", "--prefix", WEB, "ci", "--dry-run", "--loglevel=error"),
    "example lock": ("npm", "--prefix", WATCHER, "ci", "--dry-run", "--loglevel=error"),
    "registry addresses": (sys.executable, TOOLS / "addresses.py"),
    "page": (*NPM, "check"),
    "examples": (NODE_BIN / "biome", "ci", "--config-path", WEB, "examples", "tests/e2e"),
    "example types": (NODE_BIN / "tsc", "--project", WATCHER),
}


class Outcome(NamedTuple):
    """How a check has ended, after how many seconds, and what it said."""

    ok: bool
    seconds: float
    said: list[str]


def main() -> None:
    """Runs from the command line; exits non-zero when a check fails."""
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, outcome in zip(CHECKS, pool.map(run, CHECKS.values()), strict=True):
            show(name, outcome)
            if not outcome.ok:
                failed.append(name)
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}")
    print("All checks pass.")


def run(command: Command) -> Outcome:
    """Runs one check."""
    started = time.monotonic()
    # Colours would be for a person, and this output is read first.
    environment = os.environ | {"NO_COLOR": "1"}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return Outcome(ended.returncode == 0, time.monotonic() - started, ended.stdout.splitlines())


def show(name: str, outcome: Outcome) -> None:
    """Prints a line on a check; what it said follows where it failed, and its notes always."""
    print(f"{name:<20}{'ok' if outcome.ok else 'FAILED':<8}{outcome.seconds:5.1f} s", flush=True)
    for line in outcome.said:
        if not outcome.ok or line.startswith("note: "):
            print(f"    {line}")


if __name__ == "__main__":
    main()
