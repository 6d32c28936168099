"""A server cannot do it now."""

from scorewire_server.errors.base import Refusal


class Overloaded(Refusal):
    """More is in progress or waiting to be written than the server takes; nothing was done."""

    retry_after = 0.5


class StorageUnavailable(Refusal):
    """The database did not take the award, or its answer was lost."""

    retry_after = 1.0


class LedgerDamaged(Refusal):
    """The ledger is not as it was written, so nothing can be made from it; the metadata names the first wrong row."""


class UpstreamUnavailable(Refusal):
    """The server behind this one cannot be reached."""

    retry_after = 1.0


class Starting(Refusal):
    """This server is not ready yet."""

    retry_after = 1.0


class Draining(Refusal):
    """This server is shutting down."""

    retry_after = 1.0
