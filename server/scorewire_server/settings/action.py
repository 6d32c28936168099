"""The settings of the action server."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from scorewire_server.key_settings import Algorithm, JwksUrl
from scorewire_server.settings.section import Port, Section
from scorewire_server.settings.server import ServerSettings


class SessionIssuer(Section):
    """An identity provider whose session JWTs are accepted."""

    issuer: str
    audience: str
    jwks_file: Path | None = None
    jwks_url: JwksUrl | None = None
    jwks_refresh_seconds: PositiveFloat = 300.0
    user_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:@-]{0,32}$")] | None = None
    """What stands before the `sub` of its sessions in user ids: nothing, unless there are several issuers."""
    algorithms: Annotated[list[Algorithm], Field(min_length=1)] = ["RS256", "ES256", "EdDSA"]

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.jwks_file is None) == (self.jwks_url is None):
            raise ValueError("say where the public keys are: set jwks_url or jwks_file, and not both")
        return self


class ActionSettings(ServerSettings):
    """The action server."""

    process = "action"

    port: Port = 50051
    metrics_port: Port = 9101
    score_address: str = "127.0.0.1:50052"
    score_timeout_seconds: PositiveFloat = 5.0
    handlers: list[str] = []
    """Modules with handlers to import, besides the entry points of the group `scorewire.actions`."""
    default_action_type: str = "dice.roll"
    default_delivery: Literal["internal", "ticket"] = "internal"
    delivery: dict[str, Literal["internal", "ticket"]] = {}
    """How the awards of an action type reach ScoreService, where it is not the default way."""
    request_id_seconds: PositiveInt = 24 * 3600
    """How long a request id stands for its action, at least."""
    commit_queue: PositiveInt = 10_000
    """How many actions may wait for a transaction of the journal before callers are refused."""
    commit_batch: PositiveInt = 1_000
    commit_wait_seconds: float = Field(default=0.01, ge=0)
    """How long a transaction may wait, under load, for actions that are on their way in."""
    delivery_queue: PositiveInt = 10_000
    """How many awards may wait for their delivery before they are left to the relay."""
    delivery_batch: int = Field(default=500, ge=1, le=500)
    """How many awards the relay has in memory, and sends in one call."""
    max_actions_in_progress: PositiveInt = 2_000
    """How many actions may be under way, also such whose callers have gone, before callers are refused."""
    delivery_longest_pause_seconds: PositiveFloat = 5.0
    """How long the relay rests at most before it tries again a score server that is away."""
    ticket_issuer: str = "scorewire-action"
    ticket_audience: str = "scorewire-score"
    key_lead_seconds: PositiveFloat = 30.0
    """How long before it signs a new key is published."""
    session_issuers: list[SessionIssuer] = []
    guests: bool = False
    """Development sign-in: anybody may become a guest user."""
    guest_session_seconds: PositiveInt = 12 * 3600

    @model_validator(mode="after")
    def _users_of_several_issuers_are_told_apart(self) -> Self:
        silent = [each.issuer for each in self.session_issuers if each.user_prefix is None]
        if silent and len(self.session_issuers) > 1:
            raise ValueError(
                f"of several session_issuers each says its user_prefix, which keeps their users apart, or the same one "
                f"where they share them; {', '.join(silent)} must say it"
            )
        return self
