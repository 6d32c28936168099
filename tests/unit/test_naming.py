"""Names of users' own services: in allow lists and certificates, and no name of somebody else."""

import pytest
from cryptography import x509
from pydantic import ValidationError

from scorewire_server.certs import make_certificates
from scorewire_server.rotation import forget_old, trust_new, use_new
from scorewire_server.rpc.certificates import uris
from scorewire_server.settings import IDENTITIES, Settings

APPLY_SCORE = "scorewire.score.v1.ScoreInternalService/ApplyScore"


def lists(names: list[str], **settings: object) -> Settings:
    return Settings(score={"allow": {APPLY_SCORE: names}}, **settings)


def test_a_service_of_ones_own_is_in_a_list_of_a_method():
    assert lists(["action", "game"], identities=["game"]).score.allow[APPLY_SCORE] == ["action", "game"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param({"score": {"allow": {APPLY_SCORE: ["gmae"]}}, "identities": ["game"]}, "mean game", id="a typo"),
        pytest.param({"action": {"allow": {"some.Service": ["web"]}}}, "has to be in `identities`", id="nobody's name"),
        pytest.param({"gateway": {"internal_callers": ["opps"]}}, "did you mean ops", id="at the internal port"),
        pytest.param({"identities": ["ops"]}, "has a meaning already", id="one of ours"),
        pytest.param({"identities": ["ca"]}, "has a meaning already", id="the file of the authority"),
        *(
            pytest.param({"identities": [name]}, "should match pattern", id=f"{name!r} is no name")
            for name in ("Game", "../game", "game.server", "", "-game", "a/b", "g" * 64)
        ),
    ],
)
def test_a_name_that_cannot_be_meant_stops_the_start(settings, told):
    with pytest.raises(ValidationError, match=told):
        Settings(**settings)


def test_certificates_are_made_for_it_and_follow_the_authority(tmp_path):
    assert make_certificates(tmp_path, "scorewire.local", others=["game"]) == ["ca", *IDENTITIES, "game"]
    (san,) = uris(x509.load_pem_x509_certificate((tmp_path / "game.pem").read_bytes()))
    assert san == "spiffe://scorewire.local/game"
    assert (tmp_path / "game.key").stat().st_mode & 0o777 == 0o600
    assert make_certificates(tmp_path, "scorewire.local", others=["game"]) == []
    trust_new(tmp_path, "scorewire.local")
    assert "game" in use_new(tmp_path, "scorewire.local", 30, others=["game"])
    assert forget_old(tmp_path, ["game"]) == 1
    assert make_certificates(tmp_path, "scorewire.local", others=["game"]) == []
