"""Bytes to requests and answers to bytes, without an exception that gRPC would answer in words of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from google.protobuf.message import DecodeError, Message

from scorewire_server.errors import MessageTooLarge, Refusal, RequestMalformed

TRANSPORT_FACTOR = 4
"""How many times the limit gRPC itself lets through, so that it is this server that answers what is too large."""

_SMALL = 48
_REMEMBERED = 1024

Rules = Callable[[Any], Refusal | None]
"""What is wrong with a message, if anything is."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Stands where the request would, until the policy `fit` refuses the call."""

    refusal: Refusal


def decoder(from_bytes: Callable[[bytes], Any], limit: int, rules: Rules) -> Callable[[bytes], Any]:
    """Decodes requests of at most `limit` bytes that keep the `rules`; answers an `Unfit` for any other.

    Many watch and read the same few boards: small requests that were taken before are neither decoded nor checked
    again. So a request may be shared by calls, and no handler changes one.
    """

    def read(data: bytes) -> Any:
        request = from_bytes(data)
        refusal = rules(request)
        if refusal:
            raise refusal
        return request

    remembered = lru_cache(_REMEMBERED)(read)

    def decode(data: bytes) -> Any:
        if len(data) > limit:
            problem = f"the request has {len(data)} bytes; at most {limit} are taken"
            return Unfit(MessageTooLarge(problem, limit=limit, size=len(data)))
        try:
            return remembered(data) if len(data) <= _SMALL else read(data)
        except DecodeError:
            return Unfit(RequestMalformed("the request is not a message of this method's type"))
        except Refusal as refusal:
            return Unfit(refusal)

    return decode


def encode(answer: Message | bytes) -> bytes:
    """The bytes of an answer; handlers that share one answer among many callers hand over its bytes."""
    return answer if isinstance(answer, bytes) else answer.SerializeToString()
