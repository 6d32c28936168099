"""What a person types to get here, for messages that say what to type next."""

import os
import shlex
import sys
from pathlib import Path

from scorewire_client.cli.options import is_setting


def command(**changes: object) -> str:
    """The command that runs all of Scorewire with the variables that are set here, and `changes`."""
    kept = {name: value for name, value in os.environ.items() if is_setting(name) and name.upper() not in changes}
    variables = [f"{name}={shlex.quote(str(value))}" for name, value in (changes | kept).items()]
    # make tells its recipes that they are recipes.
    return " ".join([*variables, "make run" if "MAKELEVEL" in os.environ else f"{scorewire()} up"])


def scorewire() -> str:
    """The command line, as it was called."""
    called = Path(sys.argv[0])
    by_name = called.name == "scorewire"
    return shlex.join([str(called)] if by_name else [sys.executable, "-m", "scorewire_client.cli"])
