"""What commands print: JSON for programs, short lines for people, and one line for each failure."""

import dataclasses
import json
import sys
from datetime import datetime
from typing import Any, NoReturn

import typer

from scorewire_client.cli.harmless import harmless


def to_json(result: Any) -> str:
    """A result of the client on one line of JSON, named as in the API; what is absent is left out."""
    fields = dataclasses.asdict(result, dict_factory=_named_as_in_the_api)
    text = json.dumps(fields, ensure_ascii=False, default=_plain)
    # It may be read in a terminal, which shall not act upon what it reads.
    return text if text.isprintable() else json.dumps(fields, default=_plain)


def fail(message: str, code: int = 1) -> NoReturn:
    """Ends the command with one clear line and an exit code."""
    typer.echo("\n".join(map(harmless, f"scorewire: {message}".splitlines())), err=True)
    raise typer.Exit(code)


NO_TEXT = "an argument is no text: it has bytes that are not UTF-8"
"""What ends a command that was given bytes which no message can carry."""


def is_terminal() -> bool:
    """Whether a person looks at the output."""
    return sys.stdout.isatty()


def _named_as_in_the_api(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {_camel_case(name): value for name, value in fields if value is not None}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _plain(value: datetime) -> str:
    return value.isoformat()
