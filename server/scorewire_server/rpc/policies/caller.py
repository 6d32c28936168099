"""Who may call a method: allow lists of certificate identities, denied by default."""

from collections.abc import Mapping

from scorewire_server.errors import CallerNotAllowed, CallerUnknown
from scorewire_server.rpc.call import Call, Method
from scorewire_server.rpc.metadata import one_value
from scorewire_server.rpc.policies import Check, MakeCheck
from scorewire_server.rpc.tls import identity_of, peer_identity

# The gateway's internal listener has checked the client's certificate, and speaks for it with an identity of its own,
# so that a mistake in the routes of the public listener opens nothing.
SPEAKS_FOR_OTHERS = "gateway-internal"


def caller(trust_domain: str, allowed: Mapping[str, frozenset[str]]) -> MakeCheck:
    """Refuses callers whose identity is not on the list of the method, which `allowed` has by its path.

    Raises CallerUnknown, CallerNotAllowed.
    """

    def make(method: Method) -> Check:
        path = f"{method.service}/{method.name}"
        identities = allowed.get(path, frozenset())

        def check(call: Call) -> None:
            call.caller = identify(call, trust_domain)
            if call.caller not in identities:
                raise CallerNotAllowed(
                    f"{call.caller!r} may not call {path}; ask the operator to add it to the allow list",
                    caller=call.caller,
                    service=method.service,
                    method=method.name,
                )

        return check

    return make


def identify(call: Call, trust_domain: str) -> str:
    """The identity that calls, directly or through the gateway's internal listener. Raises CallerUnknown."""
    identity = peer_identity(call.context, trust_domain)
    if identity == SPEAKS_FOR_OTHERS:
        identity = _forwarded(call, trust_domain)
    if identity is None:
        raise CallerUnknown(f"no identity: use a client certificate with a URI SAN spiffe://{trust_domain}/<name>")
    return identity


def _forwarded(call: Call, trust_domain: str) -> str | None:
    header = one_value(call.context, "x-forwarded-client-cert") or ""
    uris = [part.removeprefix("URI=") for part in header.split(";") if part.startswith("URI=")]
    return identity_of(uris[0], trust_domain) if len(uris) == 1 else None
