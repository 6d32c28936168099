"""The call itself is not as it should be: its bytes, its size, its number, its time."""

from scorewire_server.errors.base import Refusal


class InvalidField(Refusal):
    """A field breaks its rule; `fields` names each."""


class RequestMalformed(Refusal):
    """The bytes of the request are not a message of its type."""


class MessageTooLarge(Refusal):
    """The request is larger than a server takes."""


class RateLimited(Refusal):
    """The user, address or service calls too often; metadata has `limit` calls, `window` in seconds, and `method`."""

    retry_after = 1.0


class DeadlineExceeded(Refusal):
    """The call's time was over before its answer."""
