"""A board: the newest state of one leaderboard, encoded once however many look through the same window."""

from collections.abc import Callable, Iterator, Mapping

import structlog

from scorewire.score.v1.score_pb2 import Standing
from scorewire_server.errors import StandingNotFound
from scorewire_server.score.bookmarks import Bookmarks
from scorewire_server.score.pace import Pace
from scorewire_server.score.ranking import Place, Ranking
from scorewire_server.score.states import State, row_of
from scorewire_server.score.views import Frame, View, Watcher, own_row
from scorewire_server.score.waves import Waves
from scorewire_server.score.windows import Around, Window
from scorewire_server.storage.records import Newest

_FRAMES = 256
"""How many frames of one revision are kept for others who ask for the same."""

log = structlog.get_logger()


class Board:
    """One leaderboard. State, not events: who is slow skips states and always ends on the last one.

    A new `edition` begins where what was shown was wrong. Watchers are shown the newest state at most every
    `min_interval` seconds, in `waves`; whoever reads gets it at once.
    """

    def __init__(
        self, board_id: str, names: Mapping[str, str], database_id: str, waves: Waves, min_interval: float = 0.0
    ) -> None:
        self.board_id = board_id
        self.ranking = Ranking()
        self.revision = 0
        self.edition = 0
        self.bookmarks = Bookmarks(database_id, board_id)
        self._updated_at = 0
        self._head = b""
        self._token = ""
        self._names = names
        self._views: dict[Window, View] = {}
        self._frames: dict[Window, Frame] = {}
        self._waves = waves
        self._pace = Pace(min_interval, self._make_round)

    def restore(self, ranking: Ranking, newest: Newest) -> None:
        """Starts from a ranking built from the standings."""
        self.ranking = ranking
        self.publish(newest)

    def rename_database(self, database_id: str) -> None:
        """Makes tokens of before those of another database."""
        self.bookmarks = Bookmarks(database_id, self.board_id)
        self._token = ""
        self._frames.clear()  # each has a token

    def rebuild(self, ranking: Ranking, newest: Newest) -> None:
        """Goes on with a ranking that was made again, because this one was wrong."""
        self.edition += 1
        self.restore(ranking, newest)

    def publish(self, newest: Newest) -> None:
        """Says that the ranking is now what the ledger adds up to, to its newest row."""
        self.revision, self._updated_at, self._head = newest
        self._token = ""
        self._frames.clear()
        if self._views:
            self._pace.hasten()

    def newest(self, window: Window) -> Frame:
        """What a window shows at the newest revision."""
        frame = self._frames.get(window)
        if frame is None:
            frame = Frame(self._state(window))
            if len(self._frames) < _FRAMES:
                self._frames[window] = frame
        return frame

    def read(self, window: Window) -> bytes:
        """The whole window at the newest revision. Raises StandingNotFound for one around nobody."""
        if isinstance(window, Around):
            self.standing(window.around_user_id)
        return self.newest(window).whole()

    def show(self, window: Window, watcher: Watcher) -> None:
        """Shows a watcher the newest frame, and those that follow."""
        view = self._views.get(window)
        if view is None:
            view = self._views[window] = View()
        view.add(watcher)
        watcher.show(self.newest(window), own_row(watcher.own_user_id, self.ranking, self._names))

    def show_no_more(self, window: Window, watcher: Watcher) -> None:
        """Shows it nothing more."""
        if self._views[window].remove(watcher):
            del self._views[window]

    def _make_round(self, ended: Callable[[], None]) -> None:
        self._waves.roll(self._shown(), ended)

    def _shown(self) -> Iterator[Watcher]:
        """The watchers, each shown the newest state of when its view's turn came; who comes meanwhile has it."""
        for window, view in list(self._views.items()):
            try:
                watchers = view.show(self.newest(window), self.ranking, self._names)
            except Exception:  # the other windows have no part in it
                log.exception("a window could not be shown", board=self.board_id)
            else:
                yield from watchers

    def _state(self, window: Window) -> State:
        return State(
            self.board_id,
            self.revision,
            self.edition,
            self.resume_token(),
            len(self.ranking),
            self._updated_at,
            tuple(row_of(place, self._names) for place in window.places(self.ranking)),
        )

    def resume_token(self) -> str:
        """That of the newest revision."""
        if not self._token:
            self._token = self.bookmarks.resume(self.revision, self._head)
        return self._token

    def standing(self, user_id: str) -> Standing:
        """The standing of a user. Raises StandingNotFound."""
        place = self.ranking.place(user_id)
        if place is None:
            raise StandingNotFound(
                f"{user_id} has no award on the board {self.board_id} yet; it has a standing after the first one",
                userId=user_id,
                boardId=self.board_id,
            )
        return self.as_standing(place)

    def page(self, page_token: str, size: int) -> list[Place]:
        """The first `size` places, or those behind the place of a page token. Raises PageTokenInvalid."""
        return self.ranking.after(*self.bookmarks.place(page_token), size) if page_token else self.ranking.top(size)

    def seen(self, resume_token: str) -> int:
        """The revision that a watch has seen; -1 where it starts over. Raises ResumeTokenInvalid."""
        revision = self.bookmarks.revision(resume_token) if resume_token else -1
        if revision < self.revision or resume_token == self.resume_token():
            return revision
        # This ledger was set back since: it has yet to reach that revision, or has reached it by other awards.
        return -1

    def as_standing(self, place: Place) -> Standing:
        """The message for a place."""
        return row_of(place, self._names).since(None)
