"""What certificate files hold, checked before anything uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from scorewire_server.errors import StartError
from scorewire_server.files import read_secret

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


class CertificateMissing(StartError):
    """A certificate or its key is not there or cannot be read."""


class CertificateUnusable(StartError):
    """A file of certificates that is broken, over, or of somebody else."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate chain and its private key, as PEM, and the certificate itself."""

    chain: bytes
    key: bytes
    leaf: x509.Certificate

    @classmethod
    def read(cls, certificate: Path, key: Path, now: float, uri: str | None = None) -> Self:
        """The certificate in a pair of files that is good at `now`, and whose one URI SAN is `uri` where that is given.

        Raises CertificateMissing, SecretExposed, CertificateUnusable.
        """
        chain, private = read_file(certificate), read_key(key)
        leaf = _certificates(chain, certificate)[0]
        if not _belong_together(leaf, private, key):
            problem = f"{certificate} and {key} do not belong together; whoever replaces one has to replace the other"
            raise CertificateUnusable(problem)
        _check_times(leaf, certificate, now)
        if uri is not None and uris(leaf) != [uri]:
            names = ", ".join(uris(leaf)) or "nobody"
            raise CertificateUnusable(f"{certificate} is a certificate of {names}: put one there of {uri} alone")
        return cls(chain, private, leaf)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The authorities that are trusted, as PEM and by themselves."""

    pem: bytes
    authorities: tuple[x509.Certificate, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The authorities in a file. Raises CertificateMissing, CertificateUnusable."""
        pem = read_file(path)
        return cls(pem, tuple(_certificates(pem, path)))


def uris(certificate: x509.Certificate) -> list[str]:
    """The URI SANs of a certificate."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return names.get_values_for_type(x509.UniformResourceIdentifier)


def read_file(path: Path) -> bytes:
    """What a file holds. Raises CertificateMissing."""
    try:
        return path.read_bytes()
    except OSError as missing:
        raise _missing(missing) from missing


def read_key(path: Path) -> bytes:
    """What the file of a private key holds. Raises CertificateMissing, SecretExposed."""
    try:
        return read_secret(path)
    except OSError as missing:
        raise _missing(missing) from missing


def _missing(problem: OSError) -> CertificateMissing:
    return CertificateMissing(f"no certificate: {problem}; `scorewire certs make` makes certificates for development")


def _certificates(pem: bytes, path: Path) -> Sequence[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as broken:
        raise CertificateUnusable(f"{path} holds no certificate, or half of one: {broken}") from broken
    # A file that is being written may end within a certificate, which is passed over.
    if not len(found) == pem.count(_BEGIN) == pem.count(_END):
        raise CertificateUnusable(f"{path} holds half a certificate: write it anew, whole")
    return found


def _belong_together(leaf: x509.Certificate, private: bytes, path: Path) -> bool:
    try:
        key = serialization.load_pem_private_key(private, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as broken:
        raise CertificateUnusable(f"{path} holds no private key as PEM without a password") from broken
    return key.public_key() == leaf.public_key()


def _check_times(leaf: x509.Certificate, path: Path, now: float) -> None:
    moment = datetime.fromtimestamp(now, UTC)
    if moment >= leaf.not_valid_after_utc:
        ended = f"{leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        raise CertificateUnusable(f"{path} ended at {ended}: renew it; `scorewire certs make` renews those it made")
    if moment < leaf.not_valid_before_utc:
        begins = f"{leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        raise CertificateUnusable(f"{path} begins at {begins}: bring one that is good now, or set the clock right")
