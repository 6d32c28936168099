"""Certificates for development: one CA of our own, and one short-lived certificate for each identity.

Made once, kept while they are good, renewed in time. Production brings certificates of its own with the same names.
`rotation.py` changes the CA.
"""

import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from scorewire_server.clock import Clock, system_clock
from scorewire_server.errors import StartError
from scorewire_server.files import EVERYBODY_READS, OWNER_ONLY, make_folder, read_secret, replace_file
from scorewire_server.settings import IDENTITIES

CA_LIFETIME = timedelta(days=3650)
DEFAULT_DAYS = 30
LONGEST_RENEWAL = timedelta(days=30)
# A machine whose clock is a little behind shall trust a certificate that was made this minute.
BACKDATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def read(cls, folder: Path, name: str) -> Self | None:
        """The key in `<name>.key` and its certificate in `<name>.pem`; `None` where either is missing or broken.

        Raises SecretExposed for a key that others can read.
        """
        try:
            certificates = x509.load_pem_x509_certificates((folder / f"{name}.pem").read_bytes())
            key = serialization.load_pem_private_key(read_secret(folder / f"{name}.key"), password=None)
        except (FileNotFoundError, ValueError):
            return None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            return None
        own = [each for each in certificates if each.public_key() == key.public_key()]
        return cls(own[0], key) if own else None

    def has_signed(self, other: "Pair") -> bool:
        """Whether this is the CA of another certificate."""
        try:
            other.certificate.verify_directly_issued_by(self.certificate)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True

    def write(self, folder: Path, name: str) -> None:
        """Replaces both files; whoever watches the folder reads the new ones."""
        self.write_key(folder, name)
        write_certificates(folder, name, [self.certificate])

    def write_key(self, folder: Path, name: str) -> None:
        """Replaces the file of the key."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        replace_file(folder / f"{name}.key", key, OWNER_ONLY)


def write_certificates(folder: Path, name: str, certificates: Sequence[x509.Certificate]) -> None:
    """Replaces the file of one certificate or of a bundle."""
    pem = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)
    replace_file(folder / f"{name}.pem", pem, EVERYBODY_READS)


def make_certificates(
    folder: Path,
    trust_domain: str,
    clock: Clock = system_clock,
    days: float = DEFAULT_DAYS,
    others: Sequence[str] = (),
) -> list[str]:
    """Makes what is missing in `folder`, and renews what has a third of its time left; keeps the rest.

    Certificates are for so many `days`; `others` are identities beside ours. Writes `ca.pem`, `ca.key`, and
    `<identity>.pem` with `<identity>.key` for each identity; private keys are readable by their owner alone. Answers
    the names of what was made. Raises StartError where the CA is somebody else's, SecretExposed for a key that others
    can read, and OSError.
    """
    now = datetime.fromtimestamp(clock(), UTC)
    make_folder(folder)
    made = []
    ca = Pair.read(folder, "ca")
    if ca is None and (folder / "ca.pem").exists():
        problem = f"{folder / 'ca.pem'} came without a key that signs for it, so nothing is made beside it"
        raise StartError(f"{problem}: bring all certificates from where it came from, or move it away")
    if ca is None or _ends_soon(ca, now):
        ca = make_authority(trust_domain, now)
        ca.write(folder, "ca")
        made.append("ca")
    for identity in (*IDENTITIES, *others):
        leaf = Pair.read(folder, identity)
        if leaf is None or not _is_good(leaf, ca, _names(identity, trust_domain), now):
            _make_leaf(ca, identity, trust_domain, now, timedelta(days=days)).write(folder, identity)
            made.append(identity)
    return made


def make_authority(trust_domain: str, now: datetime) -> Pair:
    """A new CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    # Of two CAs with one name, some verifiers look at the first alone.
    name = _subject(f"development CA {secrets.token_hex(4)} of {trust_domain}")
    usage = _key_usage(key_cert_sign=True, crl_sign=True)
    certificate = (
        _builder(name, name, key, now, now + CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def _make_leaf(ca: Pair, identity: str, trust_domain: str, now: datetime, lifetime: timedelta) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(now + lifetime, ca.certificate.not_valid_after_utc)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
    both_ways = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = (
        _builder(_subject(identity), ca.certificate.subject, key, now, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(both_ways, critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(identity, trust_domain)), critical=False)
        .sign(ca.key, hashes.SHA256())
    )
    return Pair(certificate, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _names(identity: str, trust_domain: str) -> Sequence[x509.GeneralName]:
    """The SPIFFE id, which is the identity, and host names for clients that can check no other."""
    return [
        x509.UniformResourceIdentifier(f"spiffe://{trust_domain}/{identity}"),
        x509.DNSName(f"{identity}.{trust_domain}"),
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]


def _is_good(leaf: Pair, ca: Pair, names: Sequence[x509.GeneralName], now: datetime) -> bool:
    try:
        present = leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return ca.has_signed(leaf) and list(present) == list(names) and not _ends_soon(leaf, now)


def _ends_soon(pair: Pair, now: datetime) -> bool:
    end, begin = pair.certificate.not_valid_after_utc, pair.certificate.not_valid_before_utc
    return end - now < min((end - begin) / 3, LONGEST_RENEWAL)


def _subject(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Scorewire"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
