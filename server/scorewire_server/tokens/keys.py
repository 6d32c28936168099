"""The files of keys: for each purpose the private keys for their owner alone, and the public keys as a JWKS.

`tickets` sign tickets and `guests` sign guest sessions, with keys of their own, so that neither passes for the other.
A rotation is a schedule, written once: the new public key is published now and signs only when every server has had the
time to see it, and the old one is taken until the last that it signed has ended. Servers read the files again when they
change, and keep to the schedule by their clocks.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from scorewire_server.clock import Clock, system_clock
from scorewire_server.files import EVERYBODY_READS, make_folder, replace_file
from scorewire_server.settings import ActionSettings
from scorewire_server.tokens.signing import Algorithm, SigningKey, new_jwk
from scorewire_server.tokens.signing_file import (
    Scheduled,
    public_jwks,
    read_signing,
    signing_now,
    write_signing,
)

LIFETIME = 10
"""Seconds from `iat` to `exp` of a ticket."""
PURPOSES = ("tickets", "guests")


class Pace(NamedTuple):
    """How a rotation goes, in seconds: when the new key begins, and when what the old one signed ends after that."""

    lead: float
    lifetime: float

    @property
    def stays(self) -> float:
        """How long after the change the old key is taken; a server may see the change late, too."""
        return self.lifetime + self.lead


AT_ONCE = Pace(lead=0, lifetime=0)
"""The new key signs now, and nobody takes the old ones any more."""


def pace_of(purpose: str, action: ActionSettings) -> Pace:
    """The pace of a rotation that refuses nobody."""
    lifetime = LIFETIME if purpose == "tickets" else action.guest_session_seconds
    return Pace(action.key_lead_seconds, lifetime)


def signing_file(folder: Path, purpose: str) -> Path:
    """Where the private keys of a purpose are."""
    return folder / f"{purpose}.signing.json"


def jwks_file(folder: Path, purpose: str) -> Path:
    """Where the public keys of a purpose are."""
    return folder / f"{purpose}.jwks.json"


def make_keys(folder: Path, clock: Clock = system_clock, algorithm: Algorithm = "ES256") -> list[str]:
    """Makes what is missing in `folder`, and keeps the rest; answers the purposes of the signing keys it made.

    Writes `<purpose>.signing.json` (mode 0600) and `<purpose>.jwks.json`. Raises StartError for a file that is there
    and cannot be read, and OSError.
    """
    made = [purpose for purpose in PURPOSES if not signing_file(folder, purpose).exists()]
    for purpose in PURPOSES:
        if purpose in made:
            rotate_key(folder, purpose, clock, algorithm)
        else:
            _publish(folder, purpose, public_jwks(read_signing(signing_file(folder, purpose)), clock()))
    return made


def rotate_key(
    folder: Path,
    purpose: str,
    clock: Clock = system_clock,
    algorithm: Algorithm = "ES256",
    pace: Pace = AT_ONCE,
) -> Scheduled:
    """Makes a new key and answers its place in the schedule, in which the old ones end.

    The JWKS is written first, so that nobody meets a token whose key is not there yet. Raises StartError for a file of
    keys that cannot be read, and OSError.
    """
    make_folder(folder)
    with _alone_in(folder):
        now = clock()
        begins = int(now + pace.lead)
        old = read_signing(path) if (path := signing_file(folder, purpose)).exists() else []
        new = Scheduled.of({**new_jwk(algorithm, now), "nbf": begins})
        keys = [*_ending(old, int(begins + pace.stays), now), new]
        _publish(folder, purpose, public_jwks(keys, now))
        write_signing(path, [each.jwk for each in keys])
    return new


def signing_key(folder: Path, purpose: str, clock: Clock = system_clock) -> SigningKey:
    """The key that signs now. Raises StartError for a file that cannot be read."""
    return signing_now(read_signing(signing_file(folder, purpose)), clock()).key


def _ending(old: Sequence[Scheduled], end: int, now: float) -> list[Scheduled]:
    """The old keys with their ends; those that are over are left out."""
    ending = (Scheduled.of(each.jwk | {"exp": min(each.ends or end, end)}) for each in old)
    return [each for each in ending if not each.is_over(now)]


def _publish(folder: Path, purpose: str, keys: list[dict[str, Any]]) -> None:
    path = jwks_file(folder, purpose)
    content = orjson.dumps({"keys": keys}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if not path.exists() or path.read_bytes() != content:
        replace_file(path, content, EVERYBODY_READS)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Makes a second rotation in the folder wait, so that neither loses the key of the other."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
