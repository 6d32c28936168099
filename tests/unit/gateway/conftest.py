"""A gateway that is configured, and not started."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scorewire_server.gateway.config import write_configuration
from scorewire_server.gateway.site import Site
from scorewire_server.gateway.typed import Json
from scorewire_server.settings import ActionSettings, GatewaySettings, ScoreSettings, Settings
from tests.processes import TRUST_DOMAIN

MakeSite = Callable[..., Site]


@pytest.fixture
def make_site(tmp_path: Path, certs: Path) -> MakeSite:
    """Makes the site of a gateway with those settings, in a folder of the test."""

    def make(guests: bool = False, reflection: bool = False, **gateway: object) -> Site:
        settings = Settings(
            data_dir=tmp_path,
            certs_dir=certs,
            trust_domain=TRUST_DOMAIN,
            action=ActionSettings(guests=guests),
            score=ScoreSettings(reflection=reflection),
            gateway=GatewaySettings.model_validate(gateway),
        )
        return Site(settings, tmp_path / "gateway", tmp_path / "admin.sock")

    return make


def written(site: Site) -> Json:
    """What is written for Envoy."""
    write_configuration(site)
    return json.loads(site.config_file.read_text())
