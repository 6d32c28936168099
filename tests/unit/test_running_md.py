"""docs/running.md names every setting with its default."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from scorewire_server.settings import Settings

ROW = re.compile(r"^\| `(?P<name>[a-z._]+)` \| (?:`(?P<default>.*?)` )?\|", re.MULTILINE)


def settings_of(section: BaseModel, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for name in type(section).model_fields:
        value: Any = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from settings_of(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", None if value is None else json.dumps(value, default=str)


def test_the_table_has_every_setting_with_its_default(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    document = (Path(__file__).parents[2] / "docs/running.md").read_text()
    documented = {row["name"]: row["default"] for row in ROW.finditer(document)}
    assert documented == dict(settings_of(Settings()))
