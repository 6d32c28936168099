"""Certificates for development: one CA of our own, and one certificate for each identity.

Made once, kept while they are good, renewed in time. Production brings certificates of its own with the same names.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, get_args

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from scorewire_server.clock import Clock, system_clock
from scorewire_server.errors import StartError
from scorewire_server.files import EVERYBODY_READS, OWNER_ONLY, make_folder, read_secret, replace_file
from scorewire_server.settings import Identity

IDENTITIES: tuple[str, ...] = get_args(Identity)
CA_LIFETIME = timedelta(days=3650)
LEAF_LIFETIME = timedelta(days=397)
RENEW_BEFORE = timedelta(days=7)
# A machine whose clock is a little behind shall trust a certificate that was made this minute.
BACKDATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def read(cls, folder: Path, name: str) -> Self | None:
        """What `<name>.pem` and `<name>.key` hold; `None` where either is missing, broken or not the other's.

        Raises SecretExposed for a key that others can read.
        """
        try:
            certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
            key = serialization.load_pem_private_key(read_secret(folder / f"{name}.key"), password=None)
        except (FileNotFoundError, ValueError):
            return None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            return None
        return cls(certificate, key)

    def write(self, folder: Path, name: str) -> None:
        """Replaces both files; whoever watches the folder reads the new ones."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        certificate = self.certificate.public_bytes(serialization.Encoding.PEM)
        replace_file(folder / f"{name}.key", key, OWNER_ONLY)
        replace_file(folder / f"{name}.pem", certificate, EVERYBODY_READS)


def make_certificates(folder: Path, trust_domain: str, clock: Clock = system_clock) -> list[str]:
    """Makes what is missing in `folder`, and renews what ends within a week; keeps the rest.

    Writes `ca.pem`, `ca.key`, and `<identity>.pem` with `<identity>.key` for each identity; private keys are readable
    by their owner alone. Answers the names of what was made. Raises StartError where the CA is somebody else's,
    SecretExposed for a key that others can read, and OSError.
    """
    now = datetime.fromtimestamp(clock(), UTC)
    make_folder(folder)
    made = []
    ca = Pair.read(folder, "ca")
    if ca is None and (folder / "ca.pem").exists():
        problem = f"{folder / 'ca.pem'} came without a key that signs for it, so nothing is made beside it"
        raise StartError(f"{problem}: bring all certificates from where it came from, or move it away")
    if ca is None or _ends_soon(ca, now):
        ca = _make_ca(trust_domain, now)
        ca.write(folder, "ca")
        made.append("ca")
    for identity in IDENTITIES:
        leaf = Pair.read(folder, identity)
        if leaf is None or not _is_good(leaf, ca, _names(identity, trust_domain), now):
            _make_leaf(ca, identity, trust_domain, now).write(folder, identity)
            made.append(identity)
    return made


def _make_ca(trust_domain: str, now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _subject(f"{trust_domain} development CA")
    usage = _key_usage(key_cert_sign=True, crl_sign=True)
    certificate = (
        _builder(name, name, key, now, CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def _make_leaf(ca: Pair, identity: str, trust_domain: str, now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
    both_ways = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = (
        _builder(_subject(identity), ca.certificate.subject, key, now, LEAF_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(both_ways, critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(identity, trust_domain)), critical=False)
        .sign(ca.key, hashes.SHA256())
    )
    return Pair(certificate, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + lifetime)
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
        leaf.certificate.verify_directly_issued_by(ca.certificate)
        present = leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return list(present) == list(names) and not _ends_soon(leaf, now)


def _ends_soon(pair: Pair, now: datetime) -> bool:
    return pair.certificate.not_valid_after_utc - now < RENEW_BEFORE


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
