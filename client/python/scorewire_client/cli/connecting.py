"""The client of a command, and what its errors mean to the person at the terminal."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scorewire_client.cli import saved
from scorewire_client.cli.output import fail, hush_grpc
from scorewire_client.cli.unanswered import unanswered

if TYPE_CHECKING:
    from scorewire_client import Scorewire, ScorewireError

SIGN_IN = "Sign in: scorewire sign-in YOUR_NAME"
ACT_AGAIN = "Do the action again: scorewire act --redeem"

NEXT_STEPS = {
    "SESSION_MISSING": SIGN_IN,
    "SESSION_INVALID": SIGN_IN,
    "SESSION_EXPIRED": SIGN_IN,
    "TICKET_MISSING": ACT_AGAIN,
    "TICKET_EXPIRED": "For that: the same `scorewire act` with the action's --request-id, and --redeem.",
    "TICKET_DATA_MISMATCH": "Give --data the `result` of the action, unchanged.",
}
"""What to type after a refusal, where the server's own message cannot know the command line."""


@contextmanager
def connected(
    address: str, ca: Path | None = None, session: str | None = None, advice: Mapping[str, str] = NEXT_STEPS
) -> Iterator["Scorewire"]:
    """A client of the gateway at `address`; every failure ends the command with one line.

    `advice` is what to type after a refusal, by its reason.
    """
    hush_grpc()
    from scorewire_client import Scorewire, ScorewireError, Tls

    try:
        tls = Tls(ca) if ca else None
        token = session or saved.load("session", address).get("token")
        with Scorewire(address, tls=tls, session=token) as scorewire:
            yield scorewire
    except ScorewireError as error:
        fail(explain(error, address, advice))
    except BrokenPipeError:
        raise  # it is the output that nobody reads any more
    except (ValueError, OSError) as error:
        fail(str(error))


def explain(error: "ScorewireError", address: str, advice: Mapping[str, str]) -> str:
    """One line: the reason, what is wrong, and what to do."""
    if error.reason is None and error.code.name == "UNAVAILABLE":
        return unanswered(error, address)
    return f"{str(error).rstrip('.')}. {advice.get(error.reason or '', '')}".strip()
