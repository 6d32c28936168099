"""Finds the handlers, and makes sure that what the settings say of them can be meant."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import NamedTuple

from scorewire_server.action.handlers import Handler
from scorewire_server.errors import ActionTypeUnknown, StartError
from scorewire_server.settings import ActionSettings

GROUP = "scorewire.actions"


class HandlersMistake(StartError):
    """Handlers or their settings that cannot be meant; the message lists every problem."""


class Source(NamedTuple):
    """A module that is to have handlers, and who says so."""

    module: str
    named_by: str


class Registry:
    """The handlers by their action type."""

    def __init__(self, handlers: Iterable[Handler], default: str) -> None:
        self._handlers = {handler.action_type: handler for handler in handlers}
        self._default = default

    def find(self, action_type: str | None) -> Handler:
        """The handler of a type, or of the default one. Raises ActionTypeUnknown."""
        handler = self._handlers.get(self._default if action_type is None else action_type)
        if handler is None:
            known = ", ".join(self)
            raise ActionTypeUnknown(f"there is no action {action_type}; there are {known}", actionTypes=known)
        return handler

    def __iter__(self) -> Iterator[str]:
        """The action types, in order."""
        return iter(sorted(self._handlers))


def load_handlers(settings: ActionSettings) -> Registry:
    """The handlers of the entry points and of the settings' modules. Raises HandlersMistake."""
    problems: list[str] = []
    handlers: dict[str, Handler] = {}
    for source in sources(settings.handlers):
        for handler in _handlers_in(source, problems):
            first = handlers.setdefault(handler.action_type, handler)
            if first is not handler:
                problems.append(f"{handler.action_type} has two handlers: {first.name} and {handler.name}")
    problems += _unknown_types(settings, handlers)
    if problems:
        raise HandlersMistake("\n".join(problems))
    return Registry(handlers.values(), settings.default_action_type)


def sources(modules: Iterable[str]) -> list[Source]:
    """The modules that installed packages name as entry points, and those of the settings."""
    installed = [
        Source(entry_point.value, f"the entry point {entry_point.name}") for entry_point in entry_points(group=GROUP)
    ]
    return [*installed, *(Source(module, "action.handlers") for module in modules)]


def _handlers_in(source: Source, problems: list[str]) -> list[Handler]:
    module = _imported(source, problems)
    found = [value for value in vars(module).values() if isinstance(value, Handler)] if module else []
    if module and not found:
        problems.append(f"{source.named_by}: {source.module} has no handler; mark one with @action")
    return found


def _imported(source: Source, problems: list[str]) -> ModuleType | None:
    try:
        return import_module(source.module)
    except Exception as broken:  # noqa: BLE001 - it is the operator's code, which may raise anything
        why = f"{type(broken).__name__}: {broken}"
        problems.append(f"{source.named_by}: {source.module} cannot be imported: {why}")
        return None


def _unknown_types(settings: ActionSettings, handlers: dict[str, Handler]) -> Iterator[str]:
    known = ", ".join(sorted(handlers)) or "none"
    if settings.default_action_type not in handlers:
        yield f"action.default_action_type: no handler for {settings.default_action_type}; there are {known}"
    for action_type in sorted(set(settings.delivery) - set(handlers)):
        yield f"action.delivery: no handler for {action_type}; there are {known}"
