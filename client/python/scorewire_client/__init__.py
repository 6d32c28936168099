"""The Python client of Scorewire: `Scorewire` for threads, `AsyncScorewire` for asyncio.

Example:
    with Scorewire("localhost:8080") as scorewire:
        scorewire.sign_in_as_guest("Ada")
        print(scorewire.act(action_type="dice.roll").score)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scorewire_client.async_client import AsyncScorewire
    from scorewire_client.async_watch import AsyncWatch
    from scorewire_client.awarding import AwardDetails
    from scorewire_client.client import Scorewire
    from scorewire_client.errors import ScorewireError
    from scorewire_client.results import ActionOutcome, Award, Board, Page, Session, Standing
    from scorewire_client.tls import Tls
    from scorewire_client.watch import Watch
    from scorewire_client.watching import Watched, WatchState

__all__ = [
    "DEFAULT_ADDRESS",
    "ActionOutcome",
    "AsyncScorewire",
    "AsyncWatch",
    "Award",
    "AwardDetails",
    "Board",
    "Page",
    "Scorewire",
    "ScorewireError",
    "Session",
    "Standing",
    "Tls",
    "Watch",
    "WatchState",
    "Watched",
]

DEFAULT_ADDRESS = "127.0.0.1:8080"
"""Where `scorewire up` has the gateway."""

_MODULES = {
    "AsyncScorewire": "async_client",
    "AsyncWatch": "async_watch",
    "AwardDetails": "awarding",
    "Scorewire": "client",
    "ScorewireError": "errors",
    "Tls": "tls",
    "Watch": "watch",
    "WatchState": "watching",
    "Watched": "watching",
}


def __getattr__(name: str) -> Any:
    # gRPC takes a while to import, and `scorewire --help`, which lives in this package, shall not wait for it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'results')}"), name)
