"""Bytes to requests and answers to bytes, without an exception that gRPC would answer in words of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError, Message

from scorewire_server.errors import MessageTooLarge, Refusal, RequestMalformed

TRANSPORT_FACTOR = 4
"""How many times the limit gRPC itself lets through, so that it is this server that answers what is too large."""


@dataclass(frozen=True, slots=True)
class Undecoded:
    """Stands where the request would, until the policy `decoding` refuses the call."""

    refusal: Refusal


def decoder(from_bytes: Callable[[bytes], Any], limit: int) -> Callable[[bytes], Any]:
    """Decodes requests of at most `limit` bytes; answers an `Undecoded` for any other."""

    def decode(data: bytes) -> Any:
        if len(data) > limit:
            problem = f"the request has {len(data)} bytes; at most {limit} are taken"
            return Undecoded(MessageTooLarge(problem, limit=limit, size=len(data)))
        try:
            return from_bytes(data)
        except DecodeError:
            return Undecoded(RequestMalformed("the request is not a message of this method's type"))

    return decode


def encode(answer: Message | bytes) -> bytes:
    """The bytes of an answer; handlers that share one answer among many callers hand over its bytes."""
    return answer if isinstance(answer, bytes) else answer.SerializeToString()
