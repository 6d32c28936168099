"""Node for tests: the machine's where it is new enough, else that of a Python package."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WITH_NODE = str(ROOT / "tools/with-node")
WEB = ROOT / "client/web"


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints that finds `node` and `npm`; fails with all that it said where it does not end well."""
    ran = subprocess.run([WITH_NODE, *command], cwd=cwd, capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
