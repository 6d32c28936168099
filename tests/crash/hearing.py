"""What callers are told over connections that are cut."""

from typing import Any

from tests import refusals
from tests.refusals import Told


def told_by(error: Any) -> Told:
    """What an error of a call tells.

    Where the connection was cut amid the end of an answer, gRPC's core says so by a code of its own, beside the
    server's status: then the caller goes by the code.
    """
    try:
        return refusals.told_by(error)
    except ValueError:
        return Told(error.code().name, message=error.details() or "")
