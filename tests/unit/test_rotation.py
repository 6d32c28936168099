"""Another development CA, step by step: what each step leaves, and what is no step."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from scorewire_server.certs import Pair, make_certificates
from scorewire_server.rotation import RotationMistake, forget_old, trust_new, use_new
from scorewire_server.settings import IDENTITIES
from tests.processes import TRUST_DOMAIN


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_certificates(tmp_path, TRUST_DOMAIN)
    return tmp_path


def bundle(folder: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates((folder / "ca.pem").read_bytes())


def signed_by(folder: Path, authority: x509.Certificate) -> bool:
    """Whether every identity's certificate is that CA's."""
    for identity in IDENTITIES:
        leaf = Pair.read(folder, identity)
        assert leaf is not None
        try:
            leaf.certificate.verify_directly_issued_by(authority)
        except InvalidSignature:
            return False
    return True


def test_three_steps(folder: Path) -> None:
    (old,) = bundle(folder)
    trust_new(folder, TRUST_DOMAIN)
    first, new = bundle(folder)
    assert (first, signed_by(folder, old)) == (old, True)
    assert use_new(folder, TRUST_DOMAIN, 30) == list(IDENTITIES)
    assert (bundle(folder), signed_by(folder, new)) == ([old, new], True)
    assert forget_old(folder) == 1
    assert bundle(folder) == [new]
    assert {path.name for path in folder.glob("ca*")} == {"ca.pem", "ca.key"}
    assert make_certificates(folder, TRUST_DOMAIN) == []


def test_renewing_keeps_a_rotation_going(folder: Path) -> None:
    trust_new(folder, TRUST_DOMAIN)
    assert make_certificates(folder, TRUST_DOMAIN) == []
    (folder / "ops.pem").unlink()
    assert make_certificates(folder, TRUST_DOMAIN) == ["ops"]
    assert signed_by(folder, bundle(folder)[0])
    use_new(folder, TRUST_DOMAIN, 30)
    assert make_certificates(folder, TRUST_DOMAIN) == []
    assert len(bundle(folder)) == 2


def test_what_was_interrupted_can_be_done_again(folder: Path) -> None:
    trust_new(folder, TRUST_DOMAIN)
    leaf = (folder / "score.pem").read_bytes(), (folder / "score.key").read_bytes()
    use_new(folder, TRUST_DOMAIN, 30)
    (folder / "score.pem").write_bytes(leaf[0])
    (folder / "score.key").write_bytes(leaf[1])
    with pytest.raises(RotationMistake, match="`use-new` comes first"):
        forget_old(folder)
    assert use_new(folder, TRUST_DOMAIN, 30) == ["score"]
    assert forget_old(folder) == 1


def test_steps_out_of_order_change_nothing(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(RotationMistake, match="begin with `trust-new`"):
        use_new(folder, TRUST_DOMAIN, 30)
    assert forget_old(folder) == 0
    assert contents(folder) == before
    trust_new(folder, TRUST_DOMAIN)
    before = contents(folder)
    with pytest.raises(RotationMistake, match="under way"):
        trust_new(folder, TRUST_DOMAIN)
    with pytest.raises(RotationMistake, match="`use-new` comes first"):
        forget_old(folder)
    assert contents(folder) == before


def test_somebody_elses_ca_is_left_alone(folder: Path) -> None:
    (folder / "ca.key").unlink()
    for step in (lambda: trust_new(folder, TRUST_DOMAIN), lambda: forget_old(folder)):
        with pytest.raises(RotationMistake, match="no CA of ours"):
            step()


def test_the_key_of_the_new_ca_is_for_its_owner_alone(folder: Path) -> None:
    trust_new(folder, TRUST_DOMAIN)
    assert (folder / "ca-next.key").stat().st_mode & 0o777 == 0o600


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}
