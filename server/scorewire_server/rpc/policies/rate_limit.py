"""Who calls too often is refused before the request is looked at, and before the handler has done anything."""

from collections.abc import Mapping

from scorewire_server.rpc.address import counted_address
from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.limit import By
from scorewire_server.rpc.limiting import MethodLimits
from scorewire_server.rpc.policies import Check, MakeCheck


def rate_limit(limits: Mapping[str, MethodLimits]) -> MakeCheck:
    """Holds calls to the limits of their method, which `limits` has by its path. Raises RateLimited.

    Users are not known yet: their calls are counted by `Call.prove` or `Call.waste`, once a handler knows whose they
    are.
    """

    def make(method: Method) -> Check | None:
        found = limits.get(f"{method.service}/{method.name}")
        return _CHECKS[found.by](found) if found else None

    return make


def _by_user(limits: MethodLimits) -> Check:
    wasted = limits.apart(By.ADDRESS)

    def waste(call: Call, user_id: str) -> None:
        # For each user apart: many share an address, and one who repeats calls there stops nobody else's repeats.
        wasted.take(f"{counted_address(call) or call.caller} for {user_id}")

    def check(call: Call) -> None:
        call.count_user, call.count_wasted = limits.take, waste

    return check


def _by_address(limits: MethodLimits) -> Check:
    def check(call: Call) -> None:
        if address := counted_address(call):
            limits.take(address)

    return check


def _by_caller(limits: MethodLimits) -> Check:
    def check(call: Call) -> None:
        limits.take(call.caller or "")

    return check


_CHECKS = {By.USER: _by_user, By.ADDRESS: _by_address, By.CALLER: _by_caller}
