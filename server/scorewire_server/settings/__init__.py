"""Every setting of the three processes, typed and frozen, from the environment and `scorewire.toml`.

`SCOREWIRE_SCORE__PORT=50152` sets `score.port`; the environment wins over the file. Secrets are never values: keys,
certificates and a database URL with a password are paths of files.
"""

from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from scorewire_server.key_settings import FETCH_SECONDS
from scorewire_server.settings.action import ActionSettings, SessionIssuer
from scorewire_server.settings.gateway import GatewaySettings
from scorewire_server.settings.naming import wrong_names
from scorewire_server.settings.score import DetectionSettings, ScoreSettings
from scorewire_server.settings.section import IDENTITIES, Identity, Section, without_secret
from scorewire_server.settings.server import LogSettings, ServerSettings

__all__ = [
    "IDENTITIES",
    "ActionSettings",
    "DetectionSettings",
    "GatewaySettings",
    "Identity",
    "LogSettings",
    "ScoreSettings",
    "Section",
    "ServerSettings",
    "SessionIssuer",
    "Settings",
]


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
    identities: list[Identity] = []
    """Services of your own, beside ours: they get certificates, and allow lists may name them."""
    certificate_days: float = Field(default=30.0, gt=0, le=397)
    """How long the certificates are good that `scorewire certs` and `scorewire up` make for development."""
    log: LogSettings = LogSettings()
    action: ActionSettings = ActionSettings()
    score: ScoreSettings = ScoreSettings()
    gateway: GatewaySettings = GatewaySettings()

    @field_validator("*", mode="before")
    @classmethod
    def _no_secret(cls, value: Any, info: ValidationInfo) -> Any:
        return without_secret(cls, value, info)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        lists = {"gateway.internal_callers": self.gateway.internal_callers}
        for section in (self.action, self.score):
            lists |= {f"{section.process}.allow.{place}": names for place, names in section.allow.items()}
        if wrong := list(wrong_names(self.identities, lists)):
            raise ValueError("; ".join(wrong))
        return self

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
