"""A view: one window of one board, shared by everybody who watches it."""

from collections.abc import Mapping
from typing import Protocol

from prometheus_client import Gauge

from scorewire_server.score.forms import PROTOBUF, Form
from scorewire_server.score.ranking import Ranking
from scorewire_server.score.states import Row, State, row_of
from scorewire_server.score.waves import Wakeable

VIEWS = Gauge("scorewire_views", "Windows of boards that are watched: all watches of the same window share one.")


class Frame:
    """A state with its encodings: each is made when it is first asked for, and shared by all who have seen the same."""

    __slots__ = ("_encoded", "state")

    def __init__(self, state: State) -> None:
        self.state = state
        self._encoded: dict[tuple[Form, bool, tuple[int, int] | None], bytes] = {}

    def whole(self) -> bytes:
        """The whole window: a GetLeaderboardResponse and a WatchLeaderboardResponse at once.

        The two messages have the same fields under the same numbers.
        """
        return self.after(None, PROTOBUF, True)

    def after(self, seen: State | None, form: Form, whole: bool) -> bytes:
        """What a watch sends that has sent `seen` before: an update where that is smaller and not `whole` is asked."""
        key = (form, whole, (seen.edition, seen.revision) if seen else None)
        encoded = self._encoded.get(key)
        if encoded is None:
            message = self.state.smaller(seen) if seen and not whole else self.state.whole(seen)
            encoded = self._encoded[key] = form.encode(message)
        return encoded


class Watcher(Wakeable, Protocol):
    """Whom a view shows its frames; it looks at the last one when it is woken."""

    own_user_id: str | None

    def show(self, frame: Frame, own: Row | None) -> None:
        """Here is a newer frame, and the standing of `own_user_id` at its revision."""
        ...


class View:
    """Hands each newer frame to its watchers. It keeps none: each watcher has the state that it sent last."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        VIEWS.inc()

    def add(self, watcher: Watcher) -> None:
        """Shows it what comes from now on."""
        self._watchers.add(watcher)

    def remove(self, watcher: Watcher) -> bool:
        """Shows it nothing more; answers whether it was the last, with which the view ends."""
        self._watchers.remove(watcher)
        if not self._watchers:
            VIEWS.dec()
        return not self._watchers

    def show(self, frame: Frame, ranking: Ranking, names: Mapping[str, str]) -> list[Watcher]:
        """Shows a frame of the ranking as it is now to everybody, and answers whom to wake."""
        watchers = list(self._watchers)
        for watcher in watchers:
            own = own_row(watcher.own_user_id, ranking, names) if watcher.own_user_id else None
            watcher.show(frame, own)
        return watchers


def own_row(user_id: str | None, ranking: Ranking, names: Mapping[str, str]) -> Row | None:
    """The standing that a watcher has asked for besides the window."""
    place = ranking.place(user_id) if user_id else None
    return row_of(place, names) if place else None
