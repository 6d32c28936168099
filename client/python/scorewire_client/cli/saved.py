"""What the command line remembers, for this user's eyes only: the session and the ticket of the last action."""

import json
import os
from pathlib import Path
from typing import Any, Literal

import typer

Name = Literal["session", "ticket"]


def save(name: Name, address: str, content: dict[str, Any]) -> None:
    """Remembers `content`, which is good at `address` alone. Raises OSError."""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"address": address, **content}, file)
    unfinished.replace(path)


def load(name: Name, address: str) -> dict[str, Any]:
    """What was saved for `address`; empty where nothing was, or nothing that can be read."""
    try:
        content = json.loads(_path(name).read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and content.get("address") == address else {}


def _path(name: Name) -> Path:
    return Path(typer.get_app_dir("scorewire")) / f"{name}.json"
