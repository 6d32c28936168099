"""Checks `protos/`: lint, format, and that no caller of the last published contract breaks."""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUF = Path(sys.executable).parent / "buf"
GENERATE = ROOT / "tools/generate.py"
REASON = "Breaks-contract"
PUBLISHED = ("origin/main", "main", "HEAD")
"""The first of these that exists is what the contract was published on."""


def main() -> None:
    """Runs from the command line; exits non-zero when a check fails."""
    with tempfile.TemporaryDirectory() as scratch:
        now = image(ROOT / "protos", Path(scratch) / "now.binpb")
        results = [
            buf("lint", now),
            buf("format", "--diff", "--exit-code", "protos"),
            breaks_nobody(now, Path(scratch)),
        ]
    if not all(results):
        raise SystemExit(1)


def breaks_nobody(now: Path, scratch: Path) -> bool:
    """Compares with the newest published commit whose protos are not these.

    A break is let pass where a commit since then says why, in a line of its message: `Breaks-contract: ...`.
    """
    before = last_other()
    if before is None:
        print("note: there is no earlier contract in this clone to compare with")
        return True
    print(f"Compared with the contract of commit {before[:12]}.")
    with tarfile.open(fileobj=io.BytesIO(git("archive", before, "protos"))) as archive:
        archive.extractall(scratch, filter="data")
    if buf("breaking", now, "--against", image(scratch / "protos", scratch / "before.binpb")):
        return True
    reasons = lines("log", f"--format=%(trailers:key={REASON},unfold)", f"{before}..HEAD", "--", "protos")
    print("\n".join(reasons or [f"Where this is meant, say why in the commit's message: `{REASON}: ...`"]))
    return bool(reasons)


def last_other() -> str | None:
    """The newest commit, published or before, whose protos differ from the working tree's; `None` if there is none."""
    published = next((name for name in PUBLISHED if lines("rev-parse", "--verify", "--quiet", name)), None)
    if published is None:
        return None
    # The newest commit need not have changed the protos; before it, only those that did can differ from one another.
    commits = lines("rev-parse", published) + lines("log", "--format=%H", published, "--", "protos")
    return next((commit for commit in commits if lines("ls-tree", commit, "protos") and differs(commit)), None)


def differs(commit: str) -> bool:
    """Whether the protos of a commit are not those of the working tree."""
    return bool(lines("diff", "--name-only", commit, "--", "protos"))


def image(protos: Path, path: Path) -> Path:
    """Compiles `protos` into the image that buf reads."""
    subprocess.run([sys.executable, GENERATE, "--protos", protos, "--image", path], check=True)
    return path


def buf(*arguments: str | Path) -> bool:
    """Whether buf finds nothing; what it finds is on the screen."""
    return subprocess.run([BUF, *arguments], cwd=ROOT, check=False).returncode == 0


def git(*arguments: str) -> bytes:
    """The output of a git command; empty where it fails."""
    return subprocess.run(["git", *arguments], cwd=ROOT, check=False, stdout=subprocess.PIPE).stdout


def lines(*arguments: str) -> list[str]:
    """The output of a git command as lines, without the empty ones."""
    return [line for line in git(*arguments).decode().splitlines() if line]


if __name__ == "__main__":
    # What the compilers print shall stand where it belongs among our own lines.
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, line_buffering=True)
    main()
