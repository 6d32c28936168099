"""Copies of a ledger in a folder, made while its server runs, and put in its place, as docs/operating.md says."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path


def copy_ledger(folder: Path, copy: Path) -> None:
    """Copies the ledger as it is at a moment."""
    with closing(sqlite3.connect(folder / "score.db")) as ledger, closing(sqlite3.connect(copy)) as database:
        ledger.backup(database)


def set_back(folder: Path, copy: Path) -> None:
    """Puts a copy in the ledger's place, whose server has ended."""
    for path in folder.glob("score.db-*"):
        path.unlink()
    shutil.copyfile(copy, folder / "score.db")
