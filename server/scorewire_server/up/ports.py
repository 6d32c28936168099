"""The ports of the three processes: chosen where the settings leave it open, and free before anything starts."""

from collections.abc import Iterator
from dataclasses import dataclass

from scorewire_server.ports import free_port, why_not_free
from scorewire_server.settings import Settings
from scorewire_server.up.command import command
from scorewire_server.up.problems import UpProblem

PURPOSES = {
    ("gateway", "port"): "the page and the API",
    ("gateway", "internal_port"): "the gateway's internal listener",
    ("gateway", "admin_port"): "the gateway's metrics",
    ("action", "port"): "the action server",
    ("action", "metrics_port"): "the action server's metrics",
    ("score", "port"): "the score server",
    ("score", "metrics_port"): "the score server's metrics",
}


@dataclass(frozen=True, slots=True)
class Port:
    """One port, what it is for, and the setting that chooses it."""

    host: str
    number: int
    purpose: str
    variable: str


def ports_of(settings: Settings) -> Iterator[Port]:
    """Every port that will be listened on."""
    for (process, name), purpose in PURPOSES.items():
        section = getattr(settings, process)
        yield Port(section.host, getattr(section, name), purpose, f"SCOREWIRE_{process}__{name}".upper())


def with_chosen_ports(settings: Settings) -> Settings:
    """The same settings, with a free port for every 0."""
    chosen: dict[str, dict[str, int]] = {}
    for process, name in PURPOSES:
        section = getattr(settings, process)
        if getattr(section, name) == 0:
            chosen.setdefault(process, {})[name] = free_port()
    sections = {process: getattr(settings, process).model_copy(update=ports) for process, ports in chosen.items()}
    return settings.model_copy(update=sections)


def check_ports(settings: Settings) -> None:
    """Raises UpProblem, with the line to type, where ports cannot be listened on."""
    taken = [(port, problem) for port in ports_of(settings) if (problem := why_not_free(port.host, port.number))]
    if not taken:
        return
    lines = [f"port {port.number}, for {port.purpose}: {problem}" for port, problem in taken]
    others = {port.variable: free_port() for port, _ in taken}
    raise UpProblem("\n".join([*lines, f"Stop what has it, or choose others: {command(**others)}"]))
