"""Every setting of the three processes, typed and frozen, from the environment and `scorewire.toml`.

`SCOREWIRE_SCORE__PORT=50152` sets `score.port`; the environment wins over the file. Secrets are never values: keys,
certificates and a database URL with a password are paths of files.
"""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from limits import parse
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from scorewire_server.key_settings import FETCH_SECONDS, Algorithm, JwksUrl
from scorewire_server.secret_values import secret_in, without_secrets

Port = Annotated[int, Field(ge=0, le=65535)]
Identity = Literal["action", "score", "gateway", "gateway-internal", "ops"]


def a_limit(text: str) -> str:
    """A limit such as `2000/10 seconds`. Raises ValueError."""
    try:
        limit = parse(text)
    except ValueError as wrong:
        raise ValueError(f'{text!r} is no limit; write it like "2000/10 seconds"') from wrong
    if limit.amount < 1 or limit.get_expiry() < 1:
        raise ValueError(f"{text!r} lets nobody in")
    return text


def _checked(model: type[BaseModel], value: Any, info: ValidationInfo) -> Any:
    """The value of a setting, which holds no secret; a section looks at its own settings, to name the one at fault."""
    kind = model.model_fields[str(info.field_name)].annotation
    is_section = isinstance(kind, type) and issubclass(kind, BaseModel)
    return value if is_section else without_secrets(value)


class Section(BaseModel):
    """A frozen group of settings that refuses names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _no_secret(cls, value: Any, info: ValidationInfo) -> Any:
        return _checked(cls, value, info)


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


class SessionIssuer(Section):
    """An identity provider whose session JWTs are accepted."""

    issuer: str
    audience: str
    jwks_file: Path | None = None
    jwks_url: JwksUrl | None = None
    jwks_refresh_seconds: PositiveFloat = 300.0
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
    commit_queue: PositiveInt = 10_000
    """How many awards may wait for a transaction before callers are refused."""
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
    heartbeat_seconds: PositiveFloat = 9.0
    detection: DetectionSettings = DetectionSettings()


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
    internal_callers: list[Identity] = ["action", "ops"]
    """Identities that may use the internal listener."""
    max_score_calls: PositiveInt = 250
    """How many unary calls to the score server may be in progress, at each of the two ports; others are refused."""
    max_batch_calls: PositiveInt = 16
    """The same for `ApplyScores`."""
    max_action_calls: PositiveInt = 500
    """How many calls to the action server may be in progress; others are refused."""
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


class Environment(EnvSettingsSource):
    """The environment. What should be JSON and is none is left as it is, to be named with all other mistakes."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Of pydantic: reads a list, a table or a section."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value


class Settings(BaseSettings):
    """All of Scorewire."""

    model_config = SettingsConfigDict(
        env_prefix="SCOREWIRE_", env_nested_delimiter="__", toml_file="scorewire.toml", frozen=True, extra="forbid"
    )

    data_dir: Path = Path("data")
    """Databases, and by default certificates and keys."""
    certs_dir: Path | None = None
    """`ca.pem`, and `<identity>.pem` with `<identity>.key` for each; absent means `certs` in the data folder."""
    keys_dir: Path | None = None
    """Signing keys and JWKS files; absent means `keys` in the data folder."""
    trust_domain: str = "scorewire.local"
    certificate_days: float = Field(default=30.0, gt=0, le=397)
    """How long the certificates are good that `scorewire certs` and `scorewire up` make for development."""
    log: LogSettings = LogSettings()
    action: ActionSettings = ActionSettings()
    score: ScoreSettings = ScoreSettings()
    gateway: GatewaySettings = GatewaySettings()

    @field_validator("*", mode="before")
    @classmethod
    def _no_secret(cls, value: Any, info: ValidationInfo) -> Any:
        return _checked(cls, value, info)

    @model_validator(mode="after")
    def _keys_are_seen_in_time(self) -> Self:
        lead, seen = self.action.key_lead_seconds, self.score.ticket_jwks_refresh_seconds + FETCH_SECONDS
        if self.score.ticket_jwks_url and lead < seen:
            raise ValueError(
                f"action.key_lead_seconds is {lead}: a new key would sign before the score server has seen it, which "
                f"takes up to {seen} seconds by score.ticket_jwks_refresh_seconds"
            )
        return self

    @property
    def certs(self) -> Path:
        """The folder of certificates."""
        return self.certs_dir or self.data_dir / "certs"

    @property
    def keys(self) -> Path:
        """The folder of keys."""
        return self.keys_dir or self.data_dir / "keys"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic names the arguments
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the file."""
        return init_settings, Environment(settings_cls), TomlConfigSettingsSource(settings_cls)
