"""What a service sets for its methods: whose calls are counted together, and how many are taken."""

from enum import Enum
from typing import NamedTuple

NO_LIMIT = "none"


class By(Enum):
    """Whose calls are counted together."""

    USER = "user"
    """Those of a user, once a session or a ticket has proven who it is."""
    ADDRESS = "address"
    """Those of the address of a user's client, as the gateway says; a service that calls by itself has none."""
    CALLER = "service"
    """Those of a calling service, by its certificate."""


class Limit(NamedTuple):
    """The limit of a method, unless the settings have another."""

    by: By
    most: str = NO_LIMIT
    """In the notation of the settings, such as `600/minute`."""
