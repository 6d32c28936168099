"""A board: the newest state of one leaderboard, encoded once however many ask for it, and whom it wakes."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from scorewire.score.v1.score_pb2 import GetLeaderboardResponse, Leaderboard, Standing
from scorewire_server.errors import StandingNotFound
from scorewire_server.score.bookmarks import Bookmarks
from scorewire_server.score.ranking import Place, Ranking


class Frame(NamedTuple):
    """The top of a board at one revision, encoded.

    The bytes are a GetLeaderboardResponse and a WatchLeaderboardResponse at once: the two messages have the same fields
    under the same numbers.
    """

    revision: int
    encoded: bytes


class Board:
    """One leaderboard. State, not events: who is slow skips states and always ends on the last one.

    A new `edition` begins where what was shown was wrong.
    """

    def __init__(self, board_id: str, names: Mapping[str, str], database_id: str) -> None:
        self.board_id = board_id
        self.ranking = Ranking()
        self.revision = 0
        self.edition = 0
        self.bookmarks = Bookmarks(database_id, board_id)
        self._names = names
        self._frames: dict[int, Frame] = {}
        self._changed = asyncio.Event()

    def restore(self, ranking: Ranking, revision: int) -> None:
        """Starts from a ranking built from the standings."""
        self.ranking = ranking
        self.publish(revision)

    def rename_database(self, database_id: str) -> None:
        """Makes tokens of before those of another database."""
        self.bookmarks = Bookmarks(database_id, self.board_id)
        self._frames.clear()  # each has a token

    def rebuild(self, ranking: Ranking, revision: int) -> None:
        """Goes on with a ranking that was made again, because this one was wrong."""
        self.edition += 1
        self.restore(ranking, revision)

    def publish(self, revision: int) -> None:
        """Says that the ranking is now that of `revision`, and wakes the watchers."""
        self.revision = revision
        self._frames.clear()
        self.wake()

    def wake(self) -> None:
        """Wakes the watchers, to see what has changed."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self) -> None:
        """Waits for the next `wake`."""
        await self._changed.wait()

    def top(self, limit: int) -> Frame:
        """The best `limit` standings at the newest revision."""
        frame = self._frames.get(limit)
        if frame is None:
            frame = self._frames[limit] = Frame(self.revision, self._encode(limit))
        return frame

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
        # A revision that this ledger has yet to reach is of a database that was set back.
        return revision if revision <= self.revision else -1

    def as_standing(self, place: Place) -> Standing:
        """The message for a place."""
        name = self._names.get(place.user_id)
        return Standing(rank=place.rank, user_id=place.user_id, score=place.score, display_name=name)

    def _encode(self, limit: int) -> bytes:
        leaderboard = Leaderboard(
            board_id=self.board_id,
            revision=self.revision,
            total_users=len(self.ranking),
            standings=map(self.as_standing, self.ranking.top(limit)),
        )
        token = self.bookmarks.resume(self.revision)
        return GetLeaderboardResponse(leaderboard=leaderboard, resume_token=token).SerializeToString()
