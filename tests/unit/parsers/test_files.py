"""What operators write: files and variables are read, or every mistake in them is named."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import orjson
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from scorewire_client.cli.serving import load_settings
from scorewire_server.certs import Pair, make_certificates
from scorewire_server.errors import StartError
from scorewire_server.score.rules import SAMPLES, load_rules
from scorewire_server.settings import IDENTITIES, Settings
from scorewire_server.tokens.keys import jwks_file
from scorewire_server.tokens.public_keys import read_jwks
from scorewire_server.tokens.signing import OURS
from tests.fuzzing import examples
from tests.processes import TRUST_DOMAIN
from tests.unit.parsers.strategies import BOMBS, JSON, TEXT, damaged

pytestmark = pytest.mark.fuzz

T = TypeVar("T")
EXAMPLES = 150
FEW = 40


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def read_or_told(read: Callable[[], T], path: Path) -> T | None:
    """What is read; `None` where it cannot be, and the path of what cannot was told."""
    try:
        return read()
    except StartError as mistake:
        told = str(mistake)
    assert str(path) in told
    return None


@examples(EXAMPLES)
@given(content=damaged(SAMPLES.read_bytes()) | st.binary(max_size=80) | BOMBS.map(str.encode))
def test_rules_are_read_or_every_mistake_is_named(tmp_path_factory: Any, content: bytes) -> None:
    path = written(tmp_path_factory.getbasetemp(), "rules.toml", content)
    rules = read_or_told(lambda: load_rules(path), path)
    assert rules is None or rules.default_board in rules.boards


SETTINGS = b"""
data_dir = "data"
trust_domain = "scorewire.local"

[action]
port = 50051
default_action = "dice.roll"
handlers = ["shop.actions"]

[action.delivery]
"quiz.answer" = "ticket"

[gateway]
allowed_origins = ["https://app.example.com"]
"""


@pytest.fixture
def no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SCOREWIRE_")]:
        monkeypatch.delenv(name)
    return tmp_path


def loads_or_tells(load: Callable[[], Settings], told: Callable[[], str]) -> None:
    try:
        assert isinstance(load(), Settings)
    except (typer.Exit, SystemExit):
        assert "mistakes" in told()


@examples(EXAMPLES)
@given(content=damaged(SETTINGS) | st.binary(max_size=80) | BOMBS.map(str.encode))
def test_settings_are_read_or_every_mistake_is_named(no_environment: Path, capsys: Any, content: bytes) -> None:
    written(no_environment, "scorewire.toml", content)
    loads_or_tells(load_settings, lambda: capsys.readouterr().err)


VARIABLES = [
    "SCOREWIRE_DATA_DIR",
    "SCOREWIRE_ACTION",
    "SCOREWIRE_ACTION__PORT",
    "SCOREWIRE_ACTION__HANDLERS",
    "SCOREWIRE_ACTION__DELIVERY",
    "SCOREWIRE_SCORE__ALLOW",
    "SCOREWIRE_GATEWAY__ALLOWED_ORIGINS",
    "SCOREWIRE_LOG__LEVEL",
    "SCOREWIRE_NOTHING",
]
VALUES = (TEXT | JSON.map(lambda value: orjson.dumps(value).decode()) | st.just("[" * 5000)).filter(
    lambda value: "\0" not in value
)


@examples(EXAMPLES)
@given(variables=st.dictionaries(st.sampled_from(VARIABLES), VALUES, max_size=3))
def test_variables_are_read_or_every_mistake_is_named(no_environment: Path, capsys: Any, variables: Any) -> None:
    with mock.patch.dict(os.environ, variables):
        loads_or_tells(load_settings, lambda: capsys.readouterr().err)


@examples(EXAMPLES)
@given(data=st.data())
def test_public_keys_are_read_or_the_mistake_is_named(keys: Path, tmp_path_factory: Any, data: Any) -> None:
    good = jwks_file(keys, "tickets").read_bytes()
    wrapped = JSON.map(lambda value: orjson.dumps({"keys": [value]}))
    content = data.draw(damaged(good) | wrapped | JSON.map(orjson.dumps) | st.binary(max_size=80))
    place = tmp_path_factory.getbasetemp() / "jwks.json"
    read = read_or_told(lambda: read_jwks(content, str(place), OURS), place) or {}
    assert all(key.kid == kid for kid, key in read.items())


@examples(FEW)
@given(data=st.data())
def test_broken_certificates_are_made_again_or_it_says_why_not(certs: Path, tmp_path_factory: Any, data: Any) -> None:
    folder = tmp_path_factory.mktemp("certs")
    for file in certs.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
        (folder / file.name).chmod(file.stat().st_mode)
    broken = data.draw(st.sampled_from(sorted(file.name for file in certs.iterdir())))
    content = (folder / broken).read_bytes()
    (folder / broken).write_bytes(data.draw(damaged(content) | st.binary(max_size=80) | st.just(b"")))
    if read_or_told(lambda: make_certificates(folder, TRUST_DOMAIN), folder) is None:
        assert broken.startswith("ca.")
        return
    assert all(Pair.read(folder, identity) for identity in ("ca", *IDENTITIES))
