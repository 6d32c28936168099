"""The keys that sign for one purpose: one signs now, the next may be waiting, and old ones end."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import jwt
import orjson
import structlog

from scorewire_server.clock import Clock
from scorewire_server.files import OWNER_ONLY, SecretExposed, read_secret, replace_file
from scorewire_server.tokens.signing import SigningKey, SigningKeyMissing
from scorewire_server.tokens.watched import WatchedFile

log = structlog.get_logger()


class Scheduled(NamedTuple):
    """A private JWK, when it begins to sign, and when nobody takes any more what it signed; seconds since 1970."""

    jwk: dict[str, Any]
    key: SigningKey
    begins: int
    ends: int | None

    @classmethod
    def of(cls, jwk: dict[str, Any]) -> Self:
        """The key of a JWK with `nbf` and perhaps `exp`. Raises what SigningKey.of raises."""
        return cls(jwk, SigningKey.of(jwk), int(jwk["nbf"]), int(jwk["exp"]) if "exp" in jwk else None)

    def is_over(self, now: float) -> bool:
        """Whether it has ended."""
        return self.ends is not None and now >= self.ends


class SigningFile:
    """The keys of one file, which may change while the server runs.

    A new content that cannot be used is logged, and the last good keys stay. Raises SigningKeyMissing, SecretExposed.
    """

    def __init__(self, path: Path, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._file = WatchedFile(path, monotonic)
        self._keys = read_signing(path)

    def current(self) -> SigningKey:
        """The key that signs now."""
        self._look()
        return signing_now(self._keys, self._clock()).key

    def published(self) -> list[dict[str, Any]]:
        """The public JWKs of all keys that have not ended."""
        self._look()
        return public_jwks(self._keys, self._clock())

    def _look(self) -> None:
        if not self._file.changed():
            return
        try:
            self._keys = read_signing(self._file.path)
        except (SigningKeyMissing, SecretExposed) as mistake:
            log.error("signing keys not read again; the last good ones stay", problem=str(mistake))  # noqa: TRY400 - the mistake is in the file
        else:
            log.info("signing keys read again", file=str(self._file.path), kids=[each.key.kid for each in self._keys])


def signing_now(keys: Sequence[Scheduled], now: float) -> Scheduled:
    """Of the keys, which are in the order in which they begin, the last one that has begun."""
    return next((each for each in reversed(keys) if each.begins <= now), keys[0])


def public_jwks(keys: Iterable[Scheduled], now: float) -> list[dict[str, Any]]:
    """What may be published of them: the public JWKs of those that have not ended."""
    return [each.key.public for each in keys if not each.is_over(now)]


def read_signing(path: Path) -> Sequence[Scheduled]:
    """The keys in a file, at least one. Raises SigningKeyMissing, and SecretExposed where others can read it."""
    try:
        jwks = orjson.loads(read_secret(path))["keys"]
        first, *others = sorted(map(Scheduled.of, jwks), key=lambda each: each.begins)
    except OSError as missing:
        problem = f"{path}: the signing key cannot be read: {missing.strerror}; `scorewire keys make` makes one"
        raise SigningKeyMissing(problem) from missing
    except (KeyError, TypeError, ValueError, AttributeError, jwt.PyJWTError) as broken:
        problem = f"{path}: no private ES256 or EdDSA keys as a JWKS; move it away and run `scorewire keys make`"
        raise SigningKeyMissing(problem) from broken
    return [first, *others]


def write_signing(path: Path, jwks: Sequence[dict[str, Any]]) -> None:
    """Writes private JWKs for their owner alone. Raises OSError."""
    replace_file(path, orjson.dumps({"keys": jwks}), OWNER_ONLY)
