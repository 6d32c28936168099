"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

from scorewire_client import DEFAULT_ADDRESS

PREFIX = "SCOREWIRE_"
VARIABLES = frozenset({"SCOREWIRE_ADDRESS", "SCOREWIRE_CA", "SCOREWIRE_SESSION"})
"""The variables that stand for options; every other SCOREWIRE_... variable is a setting of a server."""


def is_setting(variable: str) -> bool:
    """Whether a variable of the environment is meant as a setting of a server."""
    return variable.startswith(PREFIX) and variable not in VARIABLES


Address = Annotated[
    str,
    typer.Option(envvar="SCOREWIRE_ADDRESS", help="The gateway: host:port, or https://host:port.", metavar="ADDRESS"),
]
Ca = Annotated[
    Path | None,
    typer.Option(envvar="SCOREWIRE_CA", help="PEM file of the authority to trust, for an https address."),
]
Board = Annotated[str | None, typer.Option(help="Which board; the operator's default one if not given.")]
Limit = Annotated[int | None, typer.Option(help="How many standings, 1-100.")]
Radius = Annotated[int | None, typer.Option(help="How many standings above and below, 1-50.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

DEFAULT = DEFAULT_ADDRESS
