"""The hash chain of the ledger: whoever changes a row behind its back breaks every hash after it."""

from hashlib import sha256
from typing import Any

import orjson

from scorewire_server.storage.records import Award

GENESIS = bytes(32)
"""What stands before the first award."""


def next_hash(previous: bytes, award: Award | tuple[Any, ...]) -> bytes:
    """SHA-256 over the previous hash and the award's canonical bytes: a JSON array of its columns, in order.

    Raises TypeError for columns that no award has.
    """
    return sha256(previous + orjson.dumps(tuple(award))).digest()
