"""The form of a compact JWT, read more strictly than RFC 7515 asks.

A token has one spelling: its base64url has no padding and no spare bits, and no name stands twice in one object. So
two parties cannot read the same token differently, and a changed token is another token.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NamedTuple

from scorewire_server.tokens.strict_json import read_json

LONGEST = 6144
"""Characters of a token; those of identity providers have one or two thousand."""
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
# They change how a token is to be read, and a reader that passes over them reads another one.
_NOT_SUPPORTED = ("crit", "b64", "zip")


class FormMistake(Exception):
    """What was sent is no compact JWT; the message goes on from "it"."""


class Parts(NamedTuple):
    """A token in its parts, which anybody may have written; `signed` is what `signature` signs."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def take_apart(token: str) -> Parts:
    """Reads a token, and proves nothing. Raises FormMistake."""
    if len(token) > LONGEST:
        raise FormMistake(f"has {len(token)} characters; at most {LONGEST} are taken")
    if not _COMPACT.fullmatch(token):
        raise FormMistake("is not a compact JWT: three base64url parts joined by dots")
    signed, _, signature = token.rpartition(".")
    header, _, claims = signed.partition(".")
    parts = Parts(_object(header, "header"), _object(claims, "payload"), signed.encode(), _decoded(signature))
    for name in _NOT_SUPPORTED:
        if name in parts.header:
            raise FormMistake(f"has the header parameter {name}, which is not supported")
    if not isinstance(parts.header.get("kid", ""), str):
        raise FormMistake("is not a JWT: its kid is no string")
    return parts


def _object(part: str, name: str) -> dict[str, Any]:
    try:
        read = read_json(_decoded(part))
    except ValueError as broken:
        raise FormMistake(f"is not a JWT: its {name} is no JSON that can be read: {broken}") from broken
    if not isinstance(read, dict):
        raise FormMistake(f"is not a JWT: its {name} is no JSON object")
    return read


def _decoded(part: str) -> bytes:
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as broken:
        raise FormMistake(f"is not base64url: {broken}") from broken
    if urlsafe_b64encode(raw).rstrip(b"=") != part.encode():
        raise FormMistake("is not base64url: a part ends in bits that are not zero")
    return raw
