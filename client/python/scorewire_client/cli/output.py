"""What commands print: JSON for programs, short lines for people, and one line for each failure."""

import dataclasses
import json
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from scorewire_client.cli.harmless import harmless

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from rich.console import RenderableType


def message_json(message: "Message", **more: str) -> str:
    """A message of the API on one line of JSON, as the gateway writes it, with `more` fields at its end."""
    from google.protobuf.json_format import MessageToDict

    return _on_one_line(MessageToDict(message) | more)


def report_json(report: Any) -> str:
    """A dataclass that is in no API on one line of JSON; what is absent is left out."""
    return _on_one_line(dataclasses.asdict(report, dict_factory=_named_as_in_the_api))


def show(table: "RenderableType") -> None:
    """Prints a table as wide as the terminal; for others than a terminal without the blanks that fill its lines."""
    from rich.console import Console

    console = Console()
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as printed:
        console.print(table)
    typer.echo("\n".join(line.rstrip() for line in printed.get().rstrip("\n").split("\n")))


def fail(message: str, code: int = 1) -> NoReturn:
    """Ends the command with one clear line and an exit code."""
    typer.echo("\n".join(map(harmless, f"scorewire: {message}".splitlines())), err=True)
    raise typer.Exit(code)


def hush_grpc() -> None:
    """Keeps gRPC from writing on its own what its errors say too; it hears this before its import and never after."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")


NO_TEXT = "an argument is no text: it has bytes that are not UTF-8"
"""What ends a command that was given bytes which no message can carry."""


def is_terminal() -> bool:
    """Whether a person looks at the output."""
    return sys.stdout.isatty()


def _on_one_line(fields: dict[str, Any]) -> str:
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    # It may be read in a terminal, which shall not act upon what it reads.
    return text if text.isprintable() else json.dumps(fields, separators=(",", ":"))


def _named_as_in_the_api(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {_camel_case(name): value for name, value in fields if value is not None}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
