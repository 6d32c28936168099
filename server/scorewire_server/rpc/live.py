"""The certificate and the trust of a running process: read again when their files change."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import grpc
import structlog

from scorewire_server.clock import Clock, system_clock
from scorewire_server.errors import StartError
from scorewire_server.following import Followed
from scorewire_server.rpc.certificates import Bundle, Certificate
from scorewire_server.rpc.expiry import Expiry
from scorewire_server.rpc.tls import Trust

log = structlog.get_logger()
LOOK_SECONDS = 1.0


class LiveTls:
    """Who a process is and whom it trusts, as its files say now; a file that is no good changes nothing.

    A reload never changes the identity. Raises CertificateMissing, CertificateUnusable, SecretExposed at first.
    """

    def __init__(self, trust: Trust, clock: Clock = system_clock) -> None:
        files, uri = trust.files, f"spiffe://{trust.domain}/{trust.identity}"
        own = [files.certificate, files.key]
        self._own = Followed(own, lambda: Certificate.read(files.certificate, files.key, clock(), uri))
        self._trusted = Followed([files.ca], lambda: Bundle.read(files.ca))
        self._expiry = Expiry(trust.identity, clock)
        self.domain = trust.domain
        self.everybody = trust.everybody
        self._expiry.look([self.certificate.leaf], self.bundle.authorities)

    @property
    def generation(self) -> int:
        """Grows with each change that was taken."""
        return self._own.version + self._trusted.version

    @property
    def certificate(self) -> Certificate:
        """The process's own."""
        return self._own.content

    @property
    def bundle(self) -> Bundle:
        """Whom it trusts."""
        return self._trusted.content

    def look(self) -> None:
        """Takes what has changed, and says when it ends."""
        self.take()
        self._expiry.look([self.certificate.leaf], self.bundle.authorities)

    def take(self) -> None:
        """Takes what has changed."""
        self._own.look()
        self._trusted.look()

    def server_credentials(self) -> grpc.ServerCredentials:
        """Credentials of a server that demands a certificate of its clients; each handshake is by the newest files."""
        taken = self.generation

        def newest() -> grpc.ServerCertificateConfiguration | None:
            nonlocal taken
            self.take()
            if self.generation == taken:
                return None
            taken = self.generation
            return self._configuration()

        return grpc.dynamic_ssl_server_credentials(
            self._configuration(),
            newest,  # type: ignore[arg-type] # `None` is documented, and missing in the stubs
            require_client_authentication=True,
        )

    def channel_credentials(self) -> grpc.ChannelCredentials:
        """Credentials of a client that shows the certificate of now."""
        own = self.certificate
        return grpc.ssl_channel_credentials(self.bundle.pem, own.key, own.chain)

    def _configuration(self) -> grpc.ServerCertificateConfiguration:
        own = self.certificate
        return grpc.ssl_server_certificate_configuration([(own.key, own.chain)], root_certificates=self.bundle.pem)


@asynccontextmanager
async def followed(look: Callable[[], object], seconds: float = LOOK_SECONDS) -> AsyncIterator[None]:
    """Looks again and again while entered."""

    async def keep_looking() -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                look()
            except (StartError, OSError) as problem:
                log.error("files not taken; what they held before is used on", problem=str(problem))  # noqa: TRY400 - no fault of the program

    task = asyncio.create_task(keep_looking())
    try:
        yield
    finally:
        task.cancel()
