"""The files of keys: for each purpose one private key for its owner alone, and the public keys as a JWKS.

`tickets` sign tickets and `guests` sign guest sessions, with keys of their own, so that neither passes for the other. A
server signs with the key that it read at its start: rotate, restart the action server, and forget the old keys when
what they signed is over.
"""

from pathlib import Path
from typing import Any

import orjson

from scorewire_server.clock import Clock, system_clock
from scorewire_server.errors import StartError
from scorewire_server.files import EVERYBODY_READS, OWNER_ONLY, make_folder, replace_file
from scorewire_server.tokens.signing import Algorithm, SigningKey, new_jwk

PURPOSES = ("tickets", "guests")


def signing_file(folder: Path, purpose: str) -> Path:
    """Where the private key of a purpose is."""
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
            _publish(folder, purpose, SigningKey.read(signing_file(folder, purpose)))
    return made


def rotate_key(folder: Path, purpose: str, clock: Clock = system_clock, algorithm: Algorithm = "ES256") -> str:
    """Makes the key that signs from the next start on, and answers its `kid`; the old public key stays in the JWKS.

    The JWKS is written first, so that nobody meets a token whose key is not there yet. Raises StartError for a JWKS
    that cannot be read, and OSError.
    """
    make_folder(folder)
    jwk = new_jwk(algorithm, clock())
    key = SigningKey.of(jwk)
    _publish(folder, purpose, key)
    replace_file(signing_file(folder, purpose), orjson.dumps(jwk), OWNER_ONLY)
    return key.kid


def forget_old_keys(folder: Path, purpose: str) -> int:
    """Takes every public key out of the JWKS but that of the signing key; answers how many.

    Raises StartError for a file that cannot be read, and OSError.
    """
    key = SigningKey.read(signing_file(folder, purpose))
    forgotten = [jwk for jwk in _published(folder, purpose) if jwk.get("kid") != key.kid]
    _write(folder, purpose, [key.public])
    return len(forgotten)


def signing_kid(folder: Path, purpose: str) -> str:
    """The `kid` of the key that signs. Raises StartError for a file that cannot be read, and OSError."""
    return SigningKey.read(signing_file(folder, purpose)).kid


def _publish(folder: Path, purpose: str, key: SigningKey) -> None:
    published = _published(folder, purpose)
    if key.public not in published:
        _write(folder, purpose, [key.public, *(jwk for jwk in published if jwk.get("kid") != key.kid)])


def _published(folder: Path, purpose: str) -> list[dict[str, Any]]:
    path = jwks_file(folder, purpose)
    try:
        jwks = orjson.loads(path.read_bytes()) if path.exists() else {"keys": []}
    except orjson.JSONDecodeError as broken:
        raise StartError(f"{path}: not JSON: {broken}; move it away and run `scorewire keys make`") from broken
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not all(isinstance(jwk, dict) for jwk in keys):
        raise StartError(f"{path}: not a JWKS; move it away and run `scorewire keys make`")
    return keys


def _write(folder: Path, purpose: str, keys: list[dict[str, Any]]) -> None:
    content = orjson.dumps({"keys": keys}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    replace_file(jwks_file(folder, purpose), content, EVERYBODY_READS)
