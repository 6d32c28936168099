"""Requests that cannot be taken are refused here, where a refusal is counted, logged and answered."""

from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.decoding import Unfit
from scorewire_server.rpc.policies import Check


def fit(_: Method) -> Check:
    """Raises RequestMalformed, MessageTooLarge, InvalidField."""
    return _check


def _check(call: Call) -> None:
    if isinstance(call.request, Unfit):
        raise call.request.refusal
