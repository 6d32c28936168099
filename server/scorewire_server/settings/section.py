"""What every section of the settings is made of."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from scorewire_server.secret_values import without_secrets

Port = Annotated[int, Field(ge=0, le=65535)]
IDENTITIES = ("action", "score", "gateway", "gateway-internal", "ops")
"""Who there is, beside services of users' own."""
Identity = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
"""A name in certificates: also the name of files, and a part of a host's name."""


def without_secret(model: type[BaseModel], value: Any, info: ValidationInfo) -> Any:
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
        return without_secret(cls, value, info)
