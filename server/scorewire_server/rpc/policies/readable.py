"""Requests that could not be decoded are refused here, where a refusal is counted, logged and answered."""

from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.decoding import Undecoded
from scorewire_server.rpc.policies import Check


def readable(_: Method) -> Check:
    """Raises RequestMalformed, MessageTooLarge."""
    return _check


def _check(call: Call) -> None:
    if isinstance(call.request, Undecoded):
        raise call.request.refusal
