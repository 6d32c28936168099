"""What both gRPC servers have in common, and how all processes log."""

from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import PositiveFloat, PositiveInt, field_validator

from scorewire_server.secret_values import secret_in
from scorewire_server.settings.section import Identity, Port, Section


class LogSettings(Section):
    """How the servers log, on standard output."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class ServerSettings(Section):
    """What both gRPC servers have in common. Times are in seconds; port 0 lets the system choose."""

    process: ClassVar[str]
    """The process that they are for, and the name of the section."""

    host: str = "127.0.0.1"
    port: Port
    metrics_port: Port
    reflection: bool = False
    drain_seconds: PositiveFloat = 3.0
    max_message_bytes: PositiveInt = 1024 * 1024
    default_deadline_seconds: PositiveFloat = 10.0
    max_calls_in_progress: PositiveInt = 1_000
    """How many unary calls may be in progress; those on top are refused. Health checks and the operator's do not count.
    """
    allow: dict[str, list[Identity]] = {}
    """Who may call a service, by its full name, or one method, as `service/method`; where not who may by default."""
    limits: dict[str, str] = {}
    """How many calls of a method are taken, by `service/method`, such as `600/minute`; where not as many as by default.
    """
    limits_remember: PositiveInt = 50_000
    """How many users or addresses each limit remembers at most."""
    database_url: str | None = None
    """An SQLAlchemy URL without a password; absent means SQLite in the data folder."""
    database_url_file: Path | None = None
    """A file with the SQLAlchemy URL, for one that has a password."""

    @field_validator("database_url", mode="before")
    @classmethod
    def _no_password(cls, url: Any) -> Any:
        if isinstance(url, str) and secret_in(url):
            raise ValueError("a URL with a password belongs in a file: set database_url_file instead")
        return url
