"""Where an action came from: when its user had signed in, and from which address."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import NamedTuple


class Origin(NamedTuple):
    """The sign-in of an action's user, in milliseconds since 1970, and the client's address; each where it is known."""

    signed_in_at: int | None = None
    address: str | None = None


UNKNOWN = Origin()


def address_mark(jti: str, address: str) -> str:
    """What a ticket says of an address: who knows one can tell whether it is that, and no two tickets look alike."""
    return urlsafe_b64encode(sha256(f"{jti}|{address}".encode()).digest()[:16]).rstrip(b"=").decode()
