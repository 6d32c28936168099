"""Channels to the other server: mutual TLS, and only to the identity expected there."""

import json

import grpc

from scorewire_server.rpc.tls import TlsFiles

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
