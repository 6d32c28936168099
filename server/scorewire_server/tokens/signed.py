"""What tickets and sessions have in common: the form of a JWT, its key, its signature, its type.

PyJWT reads and verifies. Which key checks a token is its `kid`'s matter alone, and which algorithm is the key's: the
headers `jwk`, `jku` and `x5c`, with which a token would bring its own key, are never looked at.
"""

import re
from dataclasses import dataclass
from typing import Any

import jwt
import orjson

from scorewire_server.errors import Refusal
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.signing import ALGORITHMS

LONGEST = 6144
"""Characters of a token; those of identity providers have one or two thousand."""
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_JWS = jwt.PyJWS(algorithms=list(ALGORITHMS.values()))


@dataclass(frozen=True, slots=True)
class Refusals:
    """How the checks refuse one kind of token, which is called `noun` in messages."""

    noun: str
    malformed: type[Refusal]
    key_unknown: type[Refusal]
    algorithm: type[Refusal]
    signature: type[Refusal]


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token in its parts, which anybody may have written."""

    token: str
    header: dict[str, Any]
    claims: dict[str, Any]


def read_token(token: str, refusals: Refusals) -> Unverified:
    """Takes a compact JWT apart. Raises `refusals.malformed`."""
    if len(token) > LONGEST:
        raise refusals.malformed(f"the {refusals.noun} has {len(token)} characters; at most {LONGEST} are taken")
    if not _COMPACT.fullmatch(token):
        raise refusals.malformed(f"the {refusals.noun} is not a compact JWT: three base64url parts joined by dots")
    try:
        parts = _JWS.decode_complete(token, options={"verify_signature": False})
        claims = orjson.loads(parts["payload"])
    except (jwt.InvalidTokenError, orjson.JSONDecodeError) as broken:
        raise refusals.malformed(f"the {refusals.noun} is not a JWT: {broken}") from broken
    if not isinstance(claims, dict):
        raise refusals.malformed(f"the {refusals.noun} is not a JWT: its payload is no JSON object")
    if "crit" in parts["header"]:
        raise refusals.malformed(f"the {refusals.noun} has critical header parameters, which are not supported")
    return Unverified(token, parts["header"], claims)


def check_signature(read: Unverified, keys: JwksFile, refusals: Refusals) -> None:
    """Raises `refusals.key_unknown`, `refusals.algorithm` or `refusals.signature` unless a known key has signed it."""
    kid = read.header.get("kid")
    key = keys.find(kid) if isinstance(kid, str) else None
    if key is None:
        raise refusals.key_unknown(f"no configured key has the kid of the {refusals.noun}")
    if read.header.get("alg") != key.algorithm:
        raise refusals.algorithm(f"the {refusals.noun} is to be signed by {key.algorithm}, the algorithm of its key")
    try:
        _JWS.decode_complete(read.token, key.jwk, algorithms=[key.algorithm])
    except jwt.InvalidTokenError as forged:
        raise refusals.signature(f"the signature of the {refusals.noun} does not verify") from forged
