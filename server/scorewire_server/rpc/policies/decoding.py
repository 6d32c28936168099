"""Requests that could not be decoded are refused here, where a refusal is counted, logged and answered."""

from collections.abc import Iterator
from contextlib import contextmanager

from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.decoding import Undecoded
from scorewire_server.rpc.policies import Around


def decoding(_: Method) -> Around:
    """Raises RequestMalformed, MessageTooLarge."""
    return _around


@contextmanager
def _around(call: Call) -> Iterator[None]:
    if isinstance(call.request, Undecoded):
        raise call.request.refusal
    yield
