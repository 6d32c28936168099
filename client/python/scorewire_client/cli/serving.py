"""Commands that run Scorewire: all of it, or one process."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scorewire_client.cli.extra import need_servers
from scorewire_client.cli.options import PREFIX, is_setting
from scorewire_client.cli.output import fail

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from scorewire_server.settings import Settings

FORMS = {"list_type": '["one"]', "dict_type": '{"name": "value"}', "model_type": '{"name": "value"}'}
"""How a variable is written, by what pydantic says where it is not."""


def up() -> None:
    """Run all of Scorewire on this machine.

    For development: it makes certificates and keys, and anybody may sign in as a guest. Ctrl-C stops it.

    Every setting is a SCOREWIRE_... variable or a line of scorewire.toml: SCOREWIRE_GATEWAY__PORT=8090 scorewire up
    """
    settings = load_settings()
    from scorewire_server.process import run_until_signal
    from scorewire_server.up.main import run
    from scorewire_server.up.problems import UpProblem

    try:
        run_until_signal("up", run, settings)
    except UpProblem as problem:
        fail(str(problem))


def serve(
    process: Annotated[Literal["action", "score", "gateway"], typer.Argument(help="Which process.")],
    until_stdin_closes: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run one process.

    Every setting is a SCOREWIRE_... variable or a line of scorewire.toml: SCOREWIRE_SCORE__PORT=50152 scorewire serve
    score
    """
    settings = load_settings()
    from importlib import import_module

    from scorewire_server.process import run_until_signal
    from scorewire_server.up.stdin import until_stdin_closes as bounded

    run = import_module(f"scorewire_server.{process}.main").run
    run_until_signal(process, bounded(run) if until_stdin_closes else run, settings)


def load_settings() -> "Settings":
    """The settings; ends the command with every mistake in them, or where the servers' part is not installed."""
    need_servers()
    from pydantic import ValidationError

    from scorewire_server.settings import Settings

    mistakes = list(_unknown())
    try:
        settings = Settings()
    except ValidationError as invalid:
        mistakes += map(_told, invalid.errors())
    except (ValueError, RecursionError) as broken:  # numbers and brackets without an end are no TOMLDecodeError
        mistakes += [f"scorewire.toml: not TOML: {broken}"]
    except OSError as unreadable:
        mistakes += [f"scorewire.toml: cannot be read: {unreadable.strerror}"]
    if mistakes:
        fail("\n".join(["the settings have mistakes (in the environment, or in scorewire.toml):", *mistakes]))
    return settings


def _unknown() -> Iterator[str]:
    """The variables that look like settings and are none, which pydantic passes over."""
    from scorewire_server.mistakes import meant
    from scorewire_server.settings import Section, Settings

    defaults = Settings.model_construct()
    sections = {name: getattr(defaults, name) for name in Settings.model_fields}
    names = [
        variable(name, *inner).removeprefix(PREFIX)
        for name, value in sections.items()
        for inner in ([(field,) for field in type(value).model_fields] if isinstance(value, Section) else [()])
    ]
    for name in sorted(filter(is_setting, os.environ)):
        own = name.removeprefix(PREFIX)
        if own.partition("__")[0].lower() not in sections:
            near = meant(own, names)
            yield f"{name}: no such setting" + (f"; did you mean {PREFIX}{near}?" if near else "")


def _told(mistake: "ErrorDetails") -> str:
    from scorewire_server.mistakes import words
    from scorewire_server.settings import Settings

    place = mistake["loc"]
    # A mistake without a place is one of settings that do not go together, and names them itself.
    name = f"{'.'.join(map(str, place))} ({variable(*place)}): " if place else ""
    said = f"{name}{words(mistake, Settings, 'setting')}"
    form = FORMS.get(mistake["type"]) if isinstance(mistake["input"], str) else None
    return f"{said}; in a variable it is JSON, such as {variable(*place)}='{form}'" if form else said


def variable(*place: int | str) -> str:
    """The variable of a setting, whose name is `place` with dots between."""
    return f"{PREFIX}{'__'.join(map(str, place)).upper()}"
