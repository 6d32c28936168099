"""No setting takes a secret as its value, and no complaint repeats it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from scorewire_server.settings import Settings

HUSH = "hush-hush"
SECRETS = [
    pytest.param(f"-----BEGIN PRIVATE KEY-----\n{HUSH}\n-----END PRIVATE KEY-----", id="PEM"),
    pytest.param(f'{{"kty": "EC", "d": "{HUSH}"}}', id="JWK"),
    pytest.param(f"https://user:{HUSH}@login.example.com", id="password in a URL"),
    pytest.param(f"https://user%3A{HUSH}@login.example.com", id="password in a URL, hidden"),
    pytest.param(f"postgresql://localhost/x?sslpassword={HUSH}", id="password as an option"),
    pytest.param(f"https://login.example.com/keys?api_key={HUSH}", id="key as an option"),
    pytest.param(f"eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.{HUSH}", id="JWT"),
]
HARMLESS = [
    "postgresql+psycopg:///scores?host=/run/postgresql&sslkey=/run/key.pem",
    "https://app.example.com:8443",
    "[::1]:50052",
    "/run/secrets/password=of=the=database",
    "token.json",
    "https://login.example.com/@user:name",
]


def places(section: type[BaseModel], *path: str) -> Iterator[tuple[str, ...]]:
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from places(field.annotation, *path, name)
        else:
            yield (*path, name)


def nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    for name in reversed(path):
        value = {name: value}
    return value


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("shape", [lambda text: text, lambda text: [text], lambda text: {"x": [text]}])
def test_every_setting_refuses_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, secret: str, shape) -> None:
    monkeypatch.chdir(tmp_path)
    for path in places(Settings):
        with pytest.raises(ValidationError) as refused:
            Settings(**nested(path, shape(secret)))
        (mistake,) = [each for each in refused.value.errors() if each["loc"][: len(path)] == path]
        assert "belongs in a file" in mistake["msg"], path
        assert HUSH not in mistake["msg"]


@pytest.mark.parametrize("value", HARMLESS)
def test_what_is_no_secret_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings(action={"score_address": value}).action.score_address == value
