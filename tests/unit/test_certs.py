"""Development certificates: whose, for how long, and what is kept."""

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from scorewire_server.certs import Pair, make_certificates
from scorewire_server.errors import StartError
from scorewire_server.files import OWNER_ONLY, replace_file
from scorewire_server.settings import IDENTITIES
from tests.processes import TRUST_DOMAIN

START = datetime(2027, 1, 1, tzinfo=UTC)
LIFETIME = timedelta(days=30)
ALL = ["ca", *IDENTITIES]


def at(moment: datetime) -> Callable[[], float]:
    return moment.timestamp


def make(folder: Path, moment: datetime = START, trust_domain: str = TRUST_DOMAIN) -> list[str]:
    return make_certificates(folder, trust_domain, at(moment))


def read(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_everything_is_made_once(tmp_path: Path) -> None:
    assert make(tmp_path) == ALL
    before = contents(tmp_path)
    assert set(before) == {f"{name}.{kind}" for name in ALL for kind in ("pem", "key")}
    assert make(tmp_path) == []
    assert contents(tmp_path) == before


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    make(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in ALL:
        assert (folder / f"{name}.key").stat().st_mode & 0o777 == 0o600
        assert (folder / f"{name}.pem").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_no_umask_changes_that(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        make(tmp_path / "data/certs")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert (modes.pop("data"), modes.pop("certs")) == (0o700, 0o700)
    assert modes == {f"{name}.{kind}": mode for name in ALL for kind, mode in [("key", 0o600), ("pem", 0o644)]}


@pytest.mark.parametrize("name", ["ca", "score"])
def test_a_key_that_others_can_read_is_not_used(tmp_path: Path, name: str) -> None:
    make(tmp_path)
    key = tmp_path / f"{name}.key"
    key.chmod(0o644)
    with pytest.raises(StartError, match=f"chmod 600 {key}"):
        make(tmp_path)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_each_says_who_it_is(tmp_path: Path, identity: str) -> None:
    make(tmp_path)
    names = read(tmp_path, identity).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [f"spiffe://{TRUST_DOMAIN}/{identity}"]
    assert names.get_values_for_type(x509.DNSName) == [f"{identity}.{TRUST_DOMAIN}", "localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


@pytest.mark.parametrize("identity", IDENTITIES)
def test_each_may_serve_and_call_and_sign_nothing(tmp_path: Path, identity: str) -> None:
    make(tmp_path)
    certificate = read(tmp_path, identity)
    certificate.verify_directly_issued_by(read(tmp_path, "ca"))
    extensions = certificate.extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    usages = set(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert usages == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}


def test_the_authority_signs_leaves_alone(tmp_path: Path) -> None:
    make(tmp_path)
    constraints = read(tmp_path, "ca").extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)


def test_serial_numbers_differ(tmp_path: Path) -> None:
    make(tmp_path)
    assert len({read(tmp_path, name).serial_number for name in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("before_end", "renewed"),
    [
        pytest.param(LIFETIME / 3 + timedelta(minutes=2), False, id="more than a third left"),
        pytest.param(LIFETIME / 3 - timedelta(seconds=1), True, id="less than a third left"),
        pytest.param(timedelta(0), True, id="over"),
        pytest.param(-timedelta(days=365), True, id="over for a year"),
    ],
)
def test_what_ends_soon_is_renewed_by_the_same_authority(tmp_path: Path, before_end: timedelta, renewed: bool) -> None:
    make(tmp_path)
    authority = (tmp_path / "ca.pem").read_bytes()
    assert make(tmp_path, START + LIFETIME - before_end) == (list(IDENTITIES) if renewed else [])
    assert (tmp_path / "ca.pem").read_bytes() == authority


@pytest.mark.parametrize(("days", "end"), [(1, 1), (0.5, 0.5), (90, 90), (10_000, 3650)])
def test_they_live_as_long_as_asked_and_no_longer_than_the_authority(tmp_path: Path, days: float, end: float) -> None:
    make_certificates(tmp_path, TRUST_DOMAIN, at(START), days)
    assert read(tmp_path, "score").not_valid_after_utc == START + timedelta(days=end)


def test_a_new_authority_makes_everything_new(tmp_path: Path) -> None:
    make(tmp_path)
    assert make(tmp_path, START + timedelta(days=3650)) == ALL
    for identity in IDENTITIES:
        read(tmp_path, identity).verify_directly_issued_by(read(tmp_path, "ca"))


def test_they_are_good_already_where_a_clock_is_a_little_behind(tmp_path: Path) -> None:
    make(tmp_path)
    assert read(tmp_path, "score").not_valid_before_utc < START


def remove_certificate(folder: Path) -> None:
    (folder / "score.pem").unlink()


def remove_key(folder: Path) -> None:
    (folder / "score.key").unlink()


def break_certificate(folder: Path) -> None:
    (folder / "score.pem").write_text("no certificate")


def break_key(folder: Path) -> None:
    (folder / "score.key").write_text("no key")


def swap_key(folder: Path) -> None:
    (folder / "score.key").write_bytes((folder / "action.key").read_bytes())


def swap_both(folder: Path) -> None:
    Pair.read(folder, "action").write(folder, "score")


def sign_elsewhere(folder: Path) -> None:
    make(folder / "elsewhere")
    Pair.read(folder / "elsewhere", "score").write(folder, "score")


@pytest.mark.parametrize(
    "spoil", [remove_certificate, remove_key, break_certificate, break_key, swap_key, swap_both, sign_elsewhere]
)
def test_only_what_is_no_good_is_made_anew(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    make(tmp_path)
    spoil(tmp_path)
    assert make(tmp_path) == ["score"]
    assert make(tmp_path) == []


def test_another_trust_domain_keeps_the_authority_alone(tmp_path: Path) -> None:
    make(tmp_path)
    assert make(tmp_path, trust_domain="other.example") == list(IDENTITIES)
    names = read(tmp_path, "ops").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://other.example/ops"]


@pytest.mark.parametrize("key", [None, b"no key", "another"])
def test_beside_the_authority_of_somebody_else_nothing_is_made(tmp_path: Path, key: bytes | str | None) -> None:
    make(tmp_path)
    (tmp_path / "ca.key").unlink()
    if key == "another":
        make(tmp_path / "elsewhere")
        key = (tmp_path / "elsewhere/ca.key").read_bytes()
    if key:
        replace_file(tmp_path / "ca.key", key, OWNER_ONLY)
    before = {name: (tmp_path / f"{name}.pem").read_bytes() for name in ALL}
    with pytest.raises(StartError, match="nothing is made beside it"):
        make(tmp_path, START + LIFETIME)
    assert {name: (tmp_path / f"{name}.pem").read_bytes() for name in ALL} == before


def test_keys_are_of_the_curve_that_everybody_takes(tmp_path: Path) -> None:
    make(tmp_path)
    assert isinstance(Pair.read(tmp_path, "score").key.curve, ec.SECP256R1)
