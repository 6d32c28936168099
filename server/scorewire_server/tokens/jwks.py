"""Public keys from a JWKS file, which may change while the server runs."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jwt
import orjson
import structlog

from scorewire_server.errors import StartError
from scorewire_server.tokens.signing import ALGORITHMS, Algorithm

log = structlog.get_logger()
LOOK_SECONDS = 1.0


class JwksMistake(StartError):
    """A JWKS file that is missing, broken, or holds what no public key file may hold."""


class PublicKey(NamedTuple):
    """A key, and the one algorithm whose signatures it checks."""

    kid: str
    algorithm: Algorithm
    jwk: jwt.PyJWK


class JwksFile:
    """The keys of one JWKS file by their `kid`.

    The file is looked at again once a second at most, and at once for a `kid` that is not known; it is read again where
    it has changed. A new content that cannot be used is logged, and the last good keys stay. Raises JwksMistake.
    """

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._monotonic = monotonic
        self._looked = monotonic()
        self._stamp = _stamp(path)
        self._keys = read_jwks(path)

    def find(self, kid: str) -> PublicKey | None:
        """The key of that `kid`; `None` where the file has none."""
        if kid not in self._keys or self._monotonic() - self._looked >= LOOK_SECONDS:
            self._look()
        return self._keys.get(kid)

    def _look(self) -> None:
        self._looked = self._monotonic()
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        # Before reading, so that a broken content is logged once and a change during the reading is not missed.
        self._stamp = stamp
        try:
            self._keys = read_jwks(self._path)
        except JwksMistake as mistake:
            log.error("keys not read again; the last good ones stay", file=str(self._path), problem=str(mistake))  # noqa: TRY400 - the mistake is in the file
        else:
            log.info("keys read again", file=str(self._path), kids=list(self._keys))


def read_jwks(path: Path) -> dict[str, PublicKey]:
    """The keys in a JWKS file by `kid`: ES256 and Ed25519 keys; others are logged and left out. Raises JwksMistake."""
    try:
        jwks = orjson.loads(path.read_bytes())
    except OSError as missing:
        problem = (
            f"{path}: the keys cannot be read: {missing.strerror}; `scorewire keys make` makes keys for development"
        )
        raise JwksMistake(problem) from missing
    except orjson.JSONDecodeError as broken:
        raise JwksMistake(f"{path}: not JSON: {broken}") from broken
    members = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(members, list):
        raise JwksMistake(f'{path}: not a JWKS: it needs {{"keys": [...]}}')
    keys: dict[str, PublicKey] = {}
    for position, member in enumerate(members):
        _take(keys, member, f"{path}: keys[{position}]")
    if not keys:
        raise JwksMistake(f"{path}: has no public ES256 or EdDSA (Ed25519) key with a kid; no token can be checked")
    return keys


def _take(keys: dict[str, PublicKey], member: Any, place: str) -> None:
    """Adds a key, or logs why it is of no use. Raises JwksMistake."""
    if not isinstance(member, dict):
        raise JwksMistake(f"{place}: not a JWK")
    if "d" in member or "k" in member or member.get("kty") == "oct":
        # Whoever can read such a file can sign, or has taken the wrong one: going on would hide it.
        raise JwksMistake(f"{place}: a private or symmetric key; a JWKS holds public keys alone")
    algorithm = ALGORITHMS.get((str(member.get("kty")), str(member.get("crv"))))
    kid = member.get("kid")
    if not isinstance(kid, str) or algorithm is None or not _checks_signatures(member, algorithm):
        log.warning("key left out: not a public ES256 or Ed25519 signature key with a kid", place=place, kid=kid)
        return
    if kid in keys:
        raise JwksMistake(f"{place}: a second key with the kid {kid}")
    try:
        keys[kid] = PublicKey(kid, algorithm, jwt.PyJWK(member, algorithm))
    except (jwt.PyJWTError, ValueError, TypeError) as broken:
        raise JwksMistake(f"{place}: not a key: {broken}") from broken


def _checks_signatures(member: dict[str, Any], algorithm: Algorithm) -> bool:
    operations = member.get("key_ops", ["verify"])
    return (
        member.get("alg", algorithm) == algorithm
        and member.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Changes when the file does; `None` where there is none."""
    try:
        seen = os.stat(path)  # noqa: PTH116 - half the time of Path.stat, on the way of every call
    except OSError:
        return None
    return seen.st_ino, seen.st_size, seen.st_mtime_ns
