"""Proves that `generated/` is what `protos/` generate now."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "generated"


def main() -> None:
    """Runs from the command line; exits non-zero when a file differs, is missing or is left over."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, ROOT / "tools/generate.py", "--out", scratch], check=True)
        fresh, present = contents(Path(scratch)), contents(GENERATED)
    stale = sorted(name for name in fresh.keys() | present.keys() if fresh.get(name) != present.get(name))
    if stale:
        raise SystemExit("\n".join(["run `make generate`, because these are not fresh:", *map(str, stale)]))


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file below `folder`, by its path there."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder): path.read_bytes() for path in files}


if __name__ == "__main__":
    main()
