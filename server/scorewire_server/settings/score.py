"""The settings of the score server."""

from pathlib import Path
from typing import Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from scorewire_server.key_settings import JwksUrl
from scorewire_server.settings.section import Port, Section
from scorewire_server.settings.server import ServerSettings


class DetectionSettings(Section):
    """Who is quarantined or blocked without an operator's doing; see docs/security.md."""

    enabled: bool = True
    quarantine_at: PositiveFloat = 100.0
    """The suspicion from which on a user's awards are kept, but not shown."""
    block_at: PositiveFloat = 300.0
    """The suspicion from which on they are refused; only what is proof counts for that."""
    half_life_seconds: PositiveFloat = 600.0
    """After which half of a suspicion is gone."""
    common_share: float = Field(default=0.05, gt=0, le=1)
    """A signal that a larger share of users show speaks against nobody."""
    unsuspicious_per_second: PositiveFloat = 6.0
    """Awards a second, over ten seconds, that are never too many for one user."""
    users: PositiveInt = 20_000
    """How many users are remembered; the ones that were not seen for longest are forgotten."""
    addresses: PositiveInt = 10_000

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.block_at < self.quarantine_at:
            raise ValueError("block_at is below quarantine_at: nobody would ever be quarantined")
        return self


class ScoreSettings(ServerSettings):
    """The score server."""

    process = "score"

    port: Port = 50052
    metrics_port: Port = 9102
    rules_file: Path | None = None
    """The scoring rules; absent means the samples' rules."""
    ticket_issuer: str = "scorewire-action"
    ticket_audience: str = "scorewire-score"
    ticket_jwks_file: Path | None = None
    """Public keys of tickets; absent means `tickets.jwks.json` in the keys folder."""
    ticket_jwks_url: JwksUrl | None = None
    """Where they are fetched from instead, such as `https://game.example.com/.well-known/jwks.json`."""
    ticket_jwks_refresh_seconds: PositiveFloat = 10.0
    clock_tolerance_seconds: float = Field(default=2.0, ge=0)
    commit_queue: PositiveInt = 4_000
    """How many awards may wait for a transaction before callers are refused; batches leave a tenth to single awards."""
    commit_batch: PositiveInt = 1_000
    """About how many awards a transaction takes."""
    commit_wait_seconds: float = Field(default=0.01, ge=0)
    """How long a transaction may wait, under load, for awards that are on their way in."""
    max_calls_in_progress: PositiveInt = 500
    max_watches: PositiveInt = 100_000
    """How many watches may be open before others are refused."""
    max_watches_per_address: PositiveInt = 1_000
    """How many of them may be of one address, as the gateway says it."""
    audit_queue: PositiveInt = 10_000
    """How many events may wait to be written to the audit before others are dropped."""
    audit_days: PositiveInt = 90
    """How long the audit keeps signals and refusals; it keeps decisions for good."""
    watch_min_interval_seconds: float = Field(default=0.1, ge=0)
    watch_stalled_seconds: PositiveFloat = 30.0
    """How long a message of a watch may be unread before the watch is ended."""
    heartbeat_seconds: PositiveFloat = 9.0
    detection: DetectionSettings = DetectionSettings()
