"""The address that a user's client calls from."""

from functools import lru_cache
from ipaddress import ip_address, ip_network
from urllib.parse import unquote

from scorewire_server.rpc.call import Call
from scorewire_server.rpc.metadata import one_value

SPEAKS_FOR_USERS = "gateway"


def client_address(call: Call) -> str | None:
    """The address of the user's client, where it is known.

    The gateway has found it out and says it; no header of anybody else's counts.
    """
    if call.caller == SPEAKS_FOR_USERS:
        # Envoy writes this header itself, whatever the client sent.
        return _normal(one_value(call.context, "x-envoy-external-address") or "")
    return _normal(_host(call.context.peer()))


def counted_address(call: Call) -> str | None:
    """Whose calls and watches are counted together; `None` for a service that calls by itself.

    Who has one address of IPv6 has all 2^64 of its network, so that is what counts.
    """
    address = client_address(call) if call.caller == SPEAKS_FOR_USERS else None
    return str(ip_network((address, 64), strict=False)) if address and ":" in address else address


def _host(peer: str) -> str:
    """The host in gRPC's name of a peer, such as `ipv4:192.0.2.7:4711` or `ipv6:%5B2001:db8::7%5D:4711`."""
    return unquote(peer).partition(":")[2].rpartition(":")[0].strip("[]")


@lru_cache(4096)
def _normal(address: str) -> str | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return str(getattr(parsed, "ipv4_mapped", None) or parsed).partition("%")[0]
