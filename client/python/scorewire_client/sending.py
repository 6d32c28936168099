"""One call, sent once, over a channel of either kind."""

from typing import TypeVar

import grpc

from scorewire_client.calls import Call
from scorewire_client.errors import decode_error

T = TypeVar("T")


def send(channel: grpc.Channel, call: Call[T], timeout: float) -> T:
    """The answer, within `timeout` seconds. Raises ScorewireError."""
    method = channel.unary_unary(
        call.method,
        request_serializer=type(call.request).SerializeToString,
        response_deserializer=call.response.FromString,
    )
    try:
        return call.read(method(call.request, timeout=timeout, metadata=call.metadata))
    except grpc.RpcError as failure:
        raise decode_error(failure) from failure


async def send_async(channel: grpc.aio.Channel, call: Call[T], timeout: float) -> T:  # noqa: ASYNC109 - it goes to the server
    """`send` for asyncio."""
    method = channel.unary_unary(
        call.method,
        request_serializer=type(call.request).SerializeToString,
        response_deserializer=call.response.FromString,
    )
    try:
        return call.read(await method(call.request, timeout=timeout, metadata=call.metadata))
    except grpc.RpcError as failure:
        raise decode_error(failure) from failure
