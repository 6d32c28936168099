"""The action was not done, or not as it was asked for."""

from scorewire_server.errors.base import Refusal


class ActionTypeUnknown(Refusal):
    """No handler is registered for the action type."""


class ActionRefused(Refusal):
    """The handler of the action refused; metadata `refusal` is its own reason."""


class RequestIdReused(Refusal):
    """The `request_id` stands for another action or other input."""


class ActionInterrupted(Refusal):
    """The action was begun under this `request_id` and did not come to its end; it earned nothing."""


class ActionUnderWay(Refusal):
    """The action of this `request_id` was begun, perhaps by another server, and its end is not known yet."""

    retry_after = 0.5
