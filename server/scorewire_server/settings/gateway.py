"""The settings of the gateway."""

from pathlib import Path
from typing import Annotated, Self

from limits import parse
from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt, model_validator

from scorewire_server.settings.section import Identity, Port, Section


def a_limit(text: str) -> str:
    """A limit such as `2000/10 seconds`. Raises ValueError."""
    try:
        limit = parse(text)
    except ValueError as wrong:
        raise ValueError(f'{text!r} is no limit; write it like "2000/10 seconds"') from wrong
    if limit.amount < 1 or limit.get_expiry() < 1:
        raise ValueError(f"{text!r} lets nobody in")
    return text


class GatewaySettings(Section):
    """The gateway."""

    host: str = "127.0.0.1"
    port: Port = 8080
    internal_port: Port = 8443
    admin_port: Port = 9103
    """Envoy's metrics, on loopback."""
    action_address: str = "127.0.0.1:50051"
    score_address: str = "127.0.0.1:50052"
    tls_certificate: Path | None = None
    """Where set, with `tls_key`, the public port speaks TLS too."""
    tls_key: Path | None = None
    allowed_origins: list[str] = []
    """Origins of pages on other hosts that may call, such as `https://app.example.com`."""
    page_dir: Path | None = None
    """The built page; absent means the one beside this installation, where there is one."""
    internal_callers: list[Identity] = ["ops"]
    """Identities that may use the internal listener, beside those of `identities`.

    The action server has no need to: it calls the score server, and what it gives is in its journal.
    """
    workers: PositiveInt = 2
    """How many threads serve requests: as many as there are cores for it."""
    max_score_calls: PositiveInt = 64
    """How many unary calls to the score server may be in progress, at each of the two ports; others are refused."""
    max_batch_calls: PositiveInt = 16
    """The same for `ApplyScores`."""
    max_action_calls: PositiveInt = 64
    """How many calls to the action server may be in progress; others are refused. Handlers that wait need more."""
    max_watches: PositiveInt = 100_000
    """How many watches may be open; others are refused."""
    drain_seconds: PositiveFloat = 4.0
    trusted_hops: int = Field(default=0, ge=0)
    """How many proxies of yours are in front of it, and say in `x-forwarded-for` for whom they call."""
    address_requests: Annotated[str, AfterValidator(a_limit)] = "2000/10 seconds"
    """How many requests one address may make at once, and after that in that time."""
    total_requests: Annotated[str, AfterValidator(a_limit)] = "100000/10 seconds"
    """How many all addresses together may."""
    addresses_remembered: PositiveInt = 10_000
    """How many addresses have a count of their own."""
    max_connections: PositiveInt = 50_000
    """How many connections of clients are taken."""
    max_heap_bytes: PositiveInt = 2 * 1024**3
    """The memory of Envoy, near which it takes no more requests, and then no more connections."""

    @model_validator(mode="after")
    def _whole_pair(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together: set both, or neither")
        return self
