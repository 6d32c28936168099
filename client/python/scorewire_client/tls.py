"""The certificates of a client: files that may be replaced while it runs."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files for `https://`: whom to trust, where not the system's authorities, and for mutual TLS who we are.

    They are read again when they change, and from then on calls go over a new connection.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """Credentials of a channel. Raises OSError, with the file, for one that cannot be read or is no certificate."""
        contents = [path.read_bytes() if path else None for path in (self.ca, self.key, self.certificate)]
        self._check()
        return grpc.ssl_channel_credentials(*contents)

    def _check(self) -> None:
        """Of what gRPC cannot use, it would say nothing before the first call."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.ca:
            with _named(f"{self.ca} holds no certificates"):
                context.load_verify_locations(self.ca)
        if self.certificate:
            with _named(f"{self.certificate} and {self.key} are no certificate with its key"):
                context.load_cert_chain(self.certificate, self.key)

    def stamps(self) -> list[Stamp]:
        """Changes when a file does."""
        return [_stamp(path) for path in (self.ca, self.certificate, self.key) if path]


@contextmanager
def _named(problem: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as broken:
        raise OSError(f"{problem}: {broken.reason or broken}") from broken


def _stamp(path: Path) -> Stamp:
    try:
        seen = os.stat(path)  # noqa: PTH116 - half the time of Path.stat, on the way of calls
    except OSError:
        return None
    return seen.st_ino, seen.st_size, seen.st_mtime_ns
