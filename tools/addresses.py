"""Finds addresses of package registries in the lock files: each machine has its own."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NPM_LOCKS = (ROOT / folder / "package-lock.json" for folder in ("client/web", "examples/node-watcher"))
LOCKS = (*ROOT.glob("requirements*.lock"), *NPM_LOCKS)
ADDRESS = re.compile(r'"resolved":|--(extra-)?index-url|--find-links|@ https?:')


def main() -> None:
    """Runs from the command line; exits non-zero when there is one."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in LOCKS
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if ADDRESS.search(line)
    ]
    if found:
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
