"""Allow lists: who may call each method of a server, resolved once, at start; no list is nobody."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from google.protobuf.descriptor_pool import Default

from scorewire_server.errors import StartError
from scorewire_server.mistakes import meant
from scorewire_server.rpc.limit import Limit

log = structlog.get_logger()


class SettingsMistake(StartError):
    """Settings that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service to serve: its full name, the generated function that adds it, and who may call it by default."""

    name: str
    add: Callable[[Any, Any], None]
    servicer: object
    allow: Sequence[str]
    always: bool = False
    """Whether its calls are taken however many others are in progress."""
    is_full: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    """Whether what a method would have to put aside for a call has no room, by the method's name, where it has a bound:
    so that a call can be refused before it is read."""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """How many calls of its methods are taken, by the method's name, where that has a bound by default."""

    def methods(self) -> list[str]:
        """The paths of its methods, such as `scorewire.score.v1.ScoreService/GetStanding`."""
        described = Default().FindServiceByName(self.name)
        return [f"{self.name}/{method.name}" for method in described.methods]


def allowed_callers(services: Sequence[Service], lists: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Who may call each method, by its path.

    `lists` are those of the settings, by service or by path: the list of a method counts before the list of its
    service, and that before what the service allows by default. Says which methods nobody may call. Raises
    SettingsMistake, with every list of what is not served.
    """
    served = {service.name: service for service in services}
    methods = {path: service for service in services for path in service.methods()}
    mistakes = list(_strangers(lists, [*served, *methods]))
    if mistakes:
        raise SettingsMistake("\n  ".join(["`allow` has lists of what this server does not serve:", *mistakes]))
    allowed = {
        path: frozenset(lists.get(path, lists.get(service.name, service.allow))) for path, service in methods.items()
    }
    for path in sorted(path for path, callers in allowed.items() if not callers):
        log.warning("nobody may call this method, by its allow list", method=path)
    return allowed


def _strangers(lists: Mapping[str, Sequence[str]], names: Sequence[str]) -> Iterator[str]:
    for name in sorted(set(lists) - set(names)):
        near = meant(name, names)
        yield f"{name}: did you mean {near}?" if near else f"{name}: the services are {', '.join(_services(names))}"


def _services(names: Sequence[str]) -> list[str]:
    return sorted(name for name in names if "/" not in name)
