"""Every check of `make check`, one after another; all that fail are shown, with what they said."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TOOLS = ROOT / "tools"
WEB = "client/web"
WATCHER = "examples/node-watcher"
NPM = ("npm", "--prefix", WEB, "run", "--silent")
NODE_BIN = ROOT / WEB / "node_modules/.bin"

CHECKS: dict[str, tuple[str | Path, ...]] = {
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
    "page tests": (*NPM, "test"),
    "examples": (NODE_BIN / "biome", "ci", "--config-path", WEB, "examples", "tests/e2e"),
    "example types": (NODE_BIN / "tsc", "--project", WATCHER),
}


def main() -> None:
    """Runs from the command line; exits non-zero when a check fails."""
    failed = [name for name, command in CHECKS.items() if not passes(name, command)]
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}")
    print("All checks pass.")


def passes(name: str, command: tuple[str | Path, ...]) -> bool:
    """Runs one check and prints a line on it; what it said follows where it failed, and its notes always."""
    started = time.monotonic()
    print(f"{name:<20}", end="", flush=True)
    # Colours would be for a person, and this output is read first.
    environment = os.environ | {"NO_COLOR": "1"}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(f"{'ok' if run.returncode == 0 else 'FAILED':<8}{time.monotonic() - started:5.1f} s", flush=True)
    said = run.stdout.splitlines()
    for line in said if run.returncode else (line for line in said if line.startswith("note: ")):
        print(f"    {line}")
    return run.returncode == 0


if __name__ == "__main__":
    main()
