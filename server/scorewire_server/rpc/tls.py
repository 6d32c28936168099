"""Mutual TLS 1.3 between the processes: certificates from files, identities from URI SANs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import grpc

from scorewire_server.rpc.certificates import read_file, read_key
from scorewire_server.settings import IDENTITIES, Settings


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of one process: whom it trusts, and who it is."""

    ca: Path
    certificate: Path
    key: Path

    @classmethod
    def of(cls, folder: Path, identity: str) -> Self:
        """The files of `identity` in a folder of certificates."""
        return cls(folder / "ca.pem", folder / f"{identity}.pem", folder / f"{identity}.key")

    def read(self) -> tuple[bytes, bytes, bytes]:
        """Contents of CA, key and certificate chain. Raises CertificateMissing, SecretExposed."""
        return read_file(self.ca), read_key(self.key), read_file(self.certificate)

    def channel_credentials(self) -> grpc.ChannelCredentials:
        """Credentials of a client that shows its certificate."""
        ca, key, chain = self.read()
        return grpc.ssl_channel_credentials(ca, key, chain)


@dataclass(frozen=True, slots=True)
class Trust:
    """Who this process is, and the domain whose identities it knows."""

    files: TlsFiles
    domain: str
    identity: str
    everybody: Sequence[str] = IDENTITIES
    """Every identity that there is."""

    @classmethod
    def of(cls, settings: Settings, identity: str) -> Self:
        """The trust of the process with that identity."""
        everybody = (*IDENTITIES, *settings.identities)
        return cls(TlsFiles.of(settings.certs, identity), settings.trust_domain, identity, everybody)


def peer_identity(context: grpc.aio.ServicerContext[Any, Any], trust_domain: str) -> str | None:
    """The name in the peer's `spiffe://<trust domain>/<name>`; `None` without exactly one such URI SAN."""
    ids = list(context.auth_context().get("peer_spiffe_id", ()))
    return identity_of(ids[0].decode(), trust_domain) if len(ids) == 1 else None


def identity_of(uri: str, trust_domain: str) -> str | None:
    """The name in a SPIFFE id of the trust domain; `None` for any other."""
    prefix = f"spiffe://{trust_domain}/"
    return uri.removeprefix(prefix) or None if uri.startswith(prefix) else None
