"""Envoy's secrets: the certificates it shows and the authorities it trusts, written anew when their files change.

Envoy is not pointed at the operator's files: it would take another identity, or a key without its certificate. What
has been checked is written whole into one file for each secret, which Envoy reads again when that is replaced. Private
keys are beside it, because Envoy's messages may quote a secret's file.
"""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives import hashes

from scorewire_server.clock import Clock, system_clock
from scorewire_server.files import OWNER_ONLY, make_folder, replace_file
from scorewire_server.following import Followed
from scorewire_server.gateway.site import Site, write_json
from scorewire_server.gateway.tls import PUBLIC, SECRET, TRUSTED
from scorewire_server.gateway.typed import Json
from scorewire_server.rpc.certificates import Certificate
from scorewire_server.rpc.live import LiveTls
from scorewire_server.rpc.tls import Trust

IDENTITIES = ("gateway", "gateway-internal")


class LiveSecrets:
    """The secrets of one gateway. Raises StartError where a certificate is missing or no good."""

    def __init__(self, site: Site, clock: Clock = system_clock) -> None:
        self._site = site
        self._own = {name: LiveTls(Trust.of(site.settings, name), clock) for name in IDENTITIES}
        self._public = _public(site, clock)
        self._written: dict[str, object] = {}

    def look(self) -> None:
        """Writes what has changed."""
        for tls in self._own.values():
            tls.look()
        if self._public:
            self._public.look()
        self.write()

    def write(self) -> None:
        """Writes what is not written yet. Raises OSError."""
        for name, content in self._contents():
            if self._written.get(name) != content:
                self._write(name, content)
                self._written[name] = content

    def _contents(self) -> Iterator[tuple[str, Certificate | bytes]]:
        for identity, tls in self._own.items():
            yield identity, tls.certificate
        yield TRUSTED, self._own["gateway"].bundle.pem
        if self._public:
            yield PUBLIC, self._public.content

    def _write(self, name: str, content: Certificate | bytes) -> None:
        secret = self._certificate(name, content) if isinstance(content, Certificate) else _authorities(content)
        write_json(self._site.secret_file(name), {"resources": [{"@type": SECRET, "name": name, **secret}]})

    def _certificate(self, name: str, certificate: Certificate) -> Json:
        folder = self._site.folder / f"keys-{name}"
        make_folder(folder)
        key = folder / f"{certificate.leaf.fingerprint(hashes.SHA256()).hex()}.key"
        # Envoy may be about to read the one before.
        newest = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime_ns)[-1:]
        replace_file(key, certificate.key, OWNER_ONLY)
        for old in {*folder.iterdir()} - {key, *newest}:
            old.unlink()
        chain = {"inline_string": certificate.chain.decode()}
        return {"tls_certificate": {"certificate_chain": chain, "private_key": {"filename": str(key)}}}


def _authorities(pem: bytes) -> Json:
    return {"validation_context": {"trusted_ca": {"inline_string": pem.decode()}}}


def _public(site: Site, clock: Clock) -> Followed[Certificate] | None:
    certificate, key = site.settings.gateway.tls_certificate, site.settings.gateway.tls_key
    if not (certificate and key):
        return None
    files: tuple[Path, Path] = (certificate, key)
    return Followed(files, lambda: Certificate.read(*files, clock()))
