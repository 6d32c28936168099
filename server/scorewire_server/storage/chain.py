"""The hash chain of the ledger: whoever changes a row behind its back breaks every hash after it."""

from hashlib import sha256

import orjson

from scorewire_server.storage.records import Award

GENESIS = bytes(32)
"""What stands before the first award."""


def next_hash(previous: bytes, award: Award) -> bytes:
    """SHA-256 over the previous hash and the award's canonical bytes: a JSON array of its columns, in order."""
    return sha256(previous + orjson.dumps(tuple(award))).digest()
