"""Channels to the other server: mutual TLS, and only to the identity expected there."""

import asyncio
import json
from typing import Self

import grpc

from scorewire_server.rpc.live import LiveTls
from scorewire_server.rpc.tls import TlsFiles

_LONGEST_CALL_SECONDS = 60.0

_RETRY = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.05s",
                    "maxBackoff": "0.5s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
)


def secure_channel(address: str, tls: TlsFiles, expected: str) -> grpc.aio.Channel:
    """A channel to `host:port`, with the options that `options` explains."""
    return grpc.aio.secure_channel(address, tls.channel_credentials(), options=options(expected))


class LiveChannel:
    """A channel that shows the certificate of now: after a change the next call has a new one.

    Calls under way end on the one that they began on. Every call takes the channel from `current`.
    """

    def __init__(self, address: str, tls: LiveTls, expected: str) -> None:
        self._address, self._tls, self._expected = address, tls, expected
        self._closing: set[asyncio.Task[None]] = set()
        self._open()

    def _open(self) -> None:
        self._generation = self._tls.generation
        credentials = self._tls.channel_credentials()
        self._channel = grpc.aio.secure_channel(self._address, credentials, options=options(self._expected))

    def current(self) -> grpc.aio.Channel:
        """The channel of the next call."""
        if self._generation != self._tls.generation:
            old = self._channel
            self._open()
            closing = asyncio.create_task(old.close(_LONGEST_CALL_SECONDS))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        return self._channel

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for closing in self._closing:
            closing.cancel()
        await self._channel.close()


def options(expected: str) -> list[tuple[str, str | int]]:
    """Options of a channel to a server, where only a certificate for the DNS name `expected` is taken.

    gRPC checks names and not URI SANs, so every certificate also has the name `<identity>.<trust domain>`. Calls that
    end UNAVAILABLE are sent again within their deadline, so they must be safe to repeat; a server that is restarted is
    found again within a second.
    """
    return [
        ("grpc.ssl_target_name_override", expected),
        ("grpc.service_config", _RETRY),
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.max_reconnect_backoff_ms", 1_000),
    ]
