"""Certificates that nobody should have: made by the tests' CA or another, and wrong in one way each."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scorewire_server.files import OWNER_ONLY, replace_file
from scorewire_server.rpc.tls import TlsFiles

DAY = timedelta(days=1)


def issue(
    ca_folder: Path,
    folder: Path,
    *,
    uris: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    begins: float = -2,
    days: float = 1,
) -> TlsFiles:
    """A certificate by the CA in `ca_folder`, for these URIs and DNS names; good between so many days."""
    now = datetime.now(UTC)
    issuer = x509.load_pem_x509_certificate((ca_folder / "ca.pem").read_bytes())
    signer = serialization.load_pem_private_key((ca_folder / "ca.key").read_bytes(), password=None)
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = [*map(x509.UniformResourceIdentifier, uris), *map(x509.DNSName, names)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ops")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins * DAY)
        .not_valid_after(now + days * DAY)
    )
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    folder.mkdir(parents=True, exist_ok=True)
    files = TlsFiles(ca_folder / "ca.pem", folder / "leaf.pem", folder / "leaf.key")
    files.certificate.write_bytes(builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    replace_file(files.key, private, OWNER_ONLY)
    return files
