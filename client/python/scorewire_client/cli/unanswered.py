"""Why nobody of Scorewire answers at an address, and what a person at the terminal does about it."""

import socket
import ssl
from typing import TYPE_CHECKING, Literal

from scorewire_client.unanswered import cause

if TYPE_CHECKING:
    from scorewire_client import ScorewireError

NOTHING = (
    "nothing answers at {address} ({cause}). "
    "Start it with `scorewire up` or `make run`, or give another --address (SCOREWIRE_ADDRESS)."
)
UNTRUSTED = (
    "the certificate of {address} is of no authority that is trusted here. "
    "Name the PEM file of the one that is to be: --ca FILE (SCOREWIRE_CA)."
)
NO_TLS = "{address} speaks no TLS. Give --address http://HOST:PORT (SCOREWIRE_ADDRESS), or a port that does."
TLS = (
    "{address} speaks TLS. Give --address https://HOST:PORT (SCOREWIRE_ADDRESS), "
    "and with an authority of your own --ca FILE (SCOREWIRE_CA)."
)
MUTUAL_TLS = (
    "{address} speaks TLS with client certificates: it is a port of services, and users have none. "
    "Give the gateway's public port: --address HOST:PORT (SCOREWIRE_ADDRESS)."
)
_SECONDS = 2.0

Spoken = Literal["TLS", "mutual TLS"]


def unanswered(error: "ScorewireError", address: str) -> str:
    """What is wrong and what to do, for an error without a reason of Scorewire."""
    return _why(error.message, address).format(address=address, cause=cause(error.message))


def _why(details: str, address: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in details:
        return UNTRUSTED
    if "WRONG_VERSION_NUMBER" in details:
        return NO_TLS
    spoken = spoken_at(address)
    if spoken == "mutual TLS":
        return MUTUAL_TLS
    return TLS if spoken and not address.startswith("https:") else NOTHING


def spoken_at(address: str) -> Spoken | None:
    """Which TLS a port speaks; `None` for another protocol, or where nothing listens."""
    from scorewire_client.channels import Endpoint

    host, _, port = Endpoint.of(address, None).target.rpartition(":")
    context = ssl.create_default_context()
    # Nothing is told to whoever answers, nor believed.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    try:
        with (
            socket.create_connection((host.strip("[]"), int(port)), _SECONDS) as plain,
            context.wrap_socket(plain) as encrypted,
        ):
            return "mutual TLS" if _is_sent_away(encrypted) else "TLS"
    except OSError:
        return None


def _is_sent_away(encrypted: ssl.SSLSocket) -> bool:
    # A server of TLS 1.3 misses a certificate only after the handshake. One that does without waits for a request.
    try:
        return not encrypted.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True
