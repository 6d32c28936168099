"""There is nothing to show, or it cannot be shown like that."""

from scorewire_server.errors.base import Refusal


class BoardUnknown(Refusal):
    """There is no such board."""


class StandingNotFound(Refusal):
    """The user has no award on the board yet."""


class PageTokenInvalid(Refusal):
    """The page token is not one of this board and database."""


class ResumeTokenInvalid(Refusal):
    """The resume token is not one of this board."""


class TooManyWatches(Refusal):
    """As many watches are open as the server takes, in all or of one address."""

    retry_after = 5.0


class WatchStalled(Refusal):
    """A message of the watch was not read in time."""

    retry_after = 1.0


class BoardRebuilt(Refusal):
    """A board was wrong, this watch has shown it, and it is right now."""

    retry_after = 0.1
