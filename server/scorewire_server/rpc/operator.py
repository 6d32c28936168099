"""Calls of commands to a running server, as the identity `ops`: they block, and say in words what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from scorewire_client.errors import decode_error
from scorewire_client.unanswered import cause
from scorewire_server.rpc.channel import options
from scorewire_server.rpc.tls import TlsFiles
from scorewire_server.rpc.upstream import refusal_in
from scorewire_server.settings import Settings

CALL_SECONDS = 10.0
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]"}

_NOBODY = "no score server answers at {address} ({cause}): is it running? Give its address with --server HOST:PORT"
_ITS_OWN = "take the certificates that belong to it, with SCOREWIRE_CERTS_DIR"
_NOT_TAKEN = f"the server at {{address}} ended the connection: it stops, or does not take our certificate; {_ITS_OWN}"
_REFUSED = {
    "CERTIFICATE_VERIFY_FAILED": f"the server at {{address}} is of no authority that is trusted here; {_ITS_OWN}",
    "Verification Check failed": "the server at {address} is no score server of this trust domain, by its certificate; "
    "see --server HOST:PORT and SCOREWIRE_TRUST_DOMAIN",
    "Socket closed": _NOT_TAKEN,
    "Connection reset by peer": _NOT_TAKEN,
}
"""What it means where gRPC says so: its handshake has no reasons of ours."""


class NoAnswer(Exception):
    """The server gave none, or one without a reason of Scorewire."""


@contextmanager
def operator_channel(address: str, settings: Settings, server: str) -> Iterator[grpc.Channel]:
    """A channel to the server of that identity at `host:port`. Raises CertificateMissing."""
    credentials = TlsFiles.of(settings.certs, "ops").channel_credentials()
    expected = f"{server}.{settings.trust_domain}"
    with grpc.secure_channel(address, credentials, options(expected)) as channel:
        yield grpc.intercept_channel(channel, _InTime())


class _InTime(grpc.UnaryUnaryClientInterceptor):
    """Ends calls after `CALL_SECONDS` that have no time of their own: a server that stands still keeps nobody."""

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """See grpc.UnaryUnaryClientInterceptor."""
        timeout = CALL_SECONDS if details.timeout is None else details.timeout
        return continuation(details._replace(timeout=timeout), request)


def score_address(settings: Settings) -> str:
    """Where a score server of these settings can be called, on its own machine."""
    host = settings.score.host
    return f"{_LOOPBACK.get(host, host)}:{settings.score.port}"


@contextmanager
def answered(address: str) -> Iterator[None]:
    """Raises the Refusal that the server at `address` answered, or NoAnswer."""
    try:
        yield
    except grpc.RpcError as error:
        raise refusal_in(decode_error(error)) or _no_answer(error, address) from error


def _no_answer(error: grpc.RpcError, address: str) -> NoAnswer:
    if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return NoAnswer(
            f"no answer within {CALL_SECONDS:g} s; what was asked may have been done: look before you repeat it"
        )
    details = error.details() or ""
    if error.code() is not grpc.StatusCode.UNAVAILABLE:
        return NoAnswer(f"{error.code().name}: {details}")
    why = next((why for sign, why in _REFUSED.items() if sign in details), _NOBODY)
    return NoAnswer(why.format(address=address, cause=cause(details)))
