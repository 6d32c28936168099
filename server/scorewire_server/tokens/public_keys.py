"""Public keys, as a JWKS publishes them: each bound to the algorithms of its kind.

A document with one key that must not be there is refused as a whole: whoever publishes a private key, or one that can
be broken, is to hear of it. Keys that are merely for something else are left out.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, cast

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from scorewire_server.errors import StartError
from scorewire_server.tokens.strict_json import read_json

log = structlog.get_logger()
LARGEST = 256 * 1024
"""Bytes of a JWKS; those of identity providers have a few thousand."""
_SMALLEST_RSA = 2048
_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_OF_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA"}
_STRONG_CURVES = {*_OF_CURVES, "secp256k1", "Ed448", "X25519", "X448"}
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


class JwksMistake(StartError):
    """A JWKS that is missing, broken, or holds what none may hold."""


class PublicKey(NamedTuple):
    """A key: by algorithm, what checks a signature; and when it ends, in seconds since 1970, where that is known."""

    kid: str
    checks: Mapping[str, jwt.PyJWK]
    ends: float | None = None


PublicKeys = Mapping[str, PublicKey]


def read_jwks(content: bytes, place: str, algorithms: Collection[str]) -> PublicKeys:
    """The keys in a JWKS by `kid`, for those algorithms; `place` is where it is from. Raises JwksMistake."""
    keys: dict[str, PublicKey] = {}
    for position, member in enumerate(_members(content, place)):
        key = _key(member, f"{place}: keys[{position}]", algorithms)
        if key and key.kid in keys:
            raise JwksMistake(f"{place}: keys[{position}]: a second key with the kid {key.kid}; give each its own")
        if key:
            keys[key.kid] = key
    if not keys:
        raise JwksMistake(
            f"{place}: has no public key with a kid for {', '.join(sorted(algorithms))}; no token can be checked"
        )
    return keys


def _members(content: bytes, place: str) -> list[Any]:
    if len(content) > LARGEST:
        raise JwksMistake(f"{place}: more than {LARGEST} bytes; a JWKS of public keys is smaller")
    try:
        jwks = read_json(content)
    except ValueError as broken:
        raise JwksMistake(f'{place}: not JSON: {broken}; a JWKS is {{"keys": [...]}}, and no page') from broken
    members = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(members, list):
        raise JwksMistake(f'{place}: not a JWKS: it needs {{"keys": [...]}}')
    return members


def _key(member: Any, place: str, algorithms: Collection[str]) -> PublicKey | None:
    """The key; `None`, with a line in the log, where it is of no use. Raises JwksMistake."""
    if not isinstance(member, dict):
        raise JwksMistake(f"{place}: not a JWK")
    if member.get("kty") == "oct" or any(name in member for name in _PRIVATE):
        # Whoever can read such a document can sign, or it is the wrong one: going on would hide it.
        raise JwksMistake(f"{place}: a private or symmetric key; publish public keys alone, and change this one")
    kid = member.get("kid")
    usable = [name for name in _of_kind(member, place) if name in algorithms] if _checks_signatures(member) else []
    if not isinstance(kid, str) or not usable:
        log.warning("key left out: it has no kid, or is for something else", place=place, kid=kid)
        return None
    return PublicKey(kid, {name: _checking(member, name, place) for name in usable}, _end(member))


def _checks_signatures(member: dict[str, Any]) -> bool:
    operations = member.get("key_ops", ["verify"])
    return member.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _of_kind(member: dict[str, Any], place: str) -> list[str]:
    """The algorithms that a key of its type may be used with, or the one that it names itself. Raises JwksMistake."""
    kind, curve = member.get("kty"), str(member.get("crv"))
    if kind == "RSA":
        possible: tuple[str, ...] = _RSA
    elif kind == "EC" and curve not in _STRONG_CURVES:
        raise JwksMistake(f"{place}: the curve {curve} is weak or unknown; make a key on P-256")
    else:
        possible = (_OF_CURVES[curve],) if (kind, curve) in _PAIRS else ()
    return [name for name in possible if member.get("alg", name) == name]


_PAIRS = {("OKP" if curve.startswith("Ed") else "EC", curve) for curve in _OF_CURVES}


def _checking(member: dict[str, Any], algorithm: str, place: str) -> jwt.PyJWK:
    try:
        key = jwt.PyJWK(member, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as broken:
        raise JwksMistake(f"{place}: not a key: {broken}") from broken
    if member["kty"] == "RSA" and cast("RSAPublicKey", key.key).key_size < _SMALLEST_RSA:
        raise JwksMistake(f"{place}: an RSA key of less than {_SMALLEST_RSA} bits is weak; make a larger one")
    return key


def _end(member: dict[str, Any]) -> float | None:
    end = member.get("exp")
    return end if isinstance(end, int | float) and not isinstance(end, bool) else None
