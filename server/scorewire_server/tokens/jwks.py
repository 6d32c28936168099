"""Where public keys are found by their `kid`: in a file here, behind a URL in `jwks_url`."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

import structlog

from scorewire_server.clock import Clock
from scorewire_server.tokens.public_keys import JwksMistake, PublicKey, PublicKeys, read_jwks
from scorewire_server.tokens.watched import WatchedFile

log = structlog.get_logger()


class KeySource(Protocol):
    """Public keys that may change while the server runs."""

    async def find(self, kid: str) -> PublicKey | None:
        """The key of that `kid`; `None` where there is none, or it has ended."""


class JwksFile:
    """The keys of one JWKS file.

    The file is looked at once a second at most, and at once for a `kid` that is not known; it is read again where it
    has changed. A new content that cannot be used is logged, and the last good keys stay. Raises JwksMistake.
    """

    def __init__(
        self,
        path: Path,
        algorithms: Collection[str],
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._algorithms = algorithms
        self._clock = clock
        self._file = WatchedFile(path, monotonic)
        self._keys = self._read()

    async def find(self, kid: str) -> PublicKey | None:
        """The key of that `kid`; `None` where the file has none, or it has ended."""
        if self._file.changed(at_once=kid not in self._keys):
            self._read_again()
        return unended(self._keys, kid, self._clock())

    def _read_again(self) -> None:
        try:
            self._keys = self._read()
        except JwksMistake as mistake:
            log.error("keys not read again; the last good ones stay", problem=str(mistake))  # noqa: TRY400 - the mistake is in the file
        else:
            log.info("keys read again", file=str(self._file.path), kids=list(self._keys))

    def _read(self) -> PublicKeys:
        path = self._file.path
        try:
            content = path.read_bytes()
        except OSError as missing:
            problem = (
                f"{path}: the keys cannot be read: {missing.strerror}; `scorewire keys make` makes keys for development"
            )
            raise JwksMistake(problem) from missing
        return read_jwks(content, str(path), self._algorithms)


def unended(keys: PublicKeys, kid: str, now: float) -> PublicKey | None:
    """The key of that `kid`, unless it has ended."""
    key = keys.get(kid)
    return None if key is None or (key.ends is not None and now >= key.ends) else key
