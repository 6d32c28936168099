"""What a window of a board shows at one revision, and the messages that tell of it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp

from scorewire.score.v1.score_pb2 import Leaderboard, LeaderboardUpdate, Standing, WatchLeaderboardResponse
from scorewire_server.score.ranking import Place


class Row(NamedTuple):
    """One standing as it is shown. `name` is None where none is known."""

    rank: int
    user_id: str
    score: int
    name: str | None

    def since(self, before: "Row | None") -> Standing:
        """The message for it, with how it has changed since `before`."""
        standing = Standing(rank=self.rank, user_id=self.user_id, score=self.score, display_name=self.name)
        if before:
            if before.rank != self.rank:
                standing.rank_change = before.rank - self.rank
            if before.score != self.score:
                standing.score_change = self.score - before.score
        return standing


def row_of(place: Place, names: Mapping[str, str]) -> Row:
    """The row that shows a place."""
    return Row(place.rank, place.user_id, place.score, names.get(place.user_id))


class State(NamedTuple):
    """A window of a board at one revision: all that a watch has to remember of what it has sent.

    `updated_at` is in milliseconds since 1970, and 0 while the ledger is empty. A new `edition` begins where what was
    shown was wrong.
    """

    board_id: str
    revision: int
    edition: int
    resume_token: str
    total_users: int
    updated_at: int
    rows: tuple[Row, ...]

    def whole(self, seen: "State | None" = None) -> WatchLeaderboardResponse:
        """The whole window, each standing with how it has changed since `seen`."""
        before = seen.by_user() if seen else {}
        leaderboard = Leaderboard(
            board_id=self.board_id,
            revision=self.revision,
            total_users=self.total_users,
            standings=[row.since(before.get(row.user_id)) for row in self.rows],
            update_time=self._update_time(),
        )
        return WatchLeaderboardResponse(leaderboard=leaderboard, resume_token=self.resume_token)

    def update(self, seen: "State") -> WatchLeaderboardResponse:
        """What makes this state of `seen`."""
        before, now = seen.by_user(), {row.user_id for row in self.rows}
        update = LeaderboardUpdate(
            board_id=self.board_id,
            revision=self.revision,
            previous_revision=seen.revision,
            total_users=self.total_users,
            standings=_changed(self.rows, before),
            left_user_ids=[user_id for user_id in before if user_id not in now],
            update_time=self._update_time(),
        )
        return WatchLeaderboardResponse(update=update, resume_token=self.resume_token)

    def smaller(self, seen: "State") -> WatchLeaderboardResponse:
        """The update, or the whole window where that has no more bytes."""
        update, whole = self.update(seen), self.whole(seen)
        return update if update.ByteSize() < whole.ByteSize() else whole

    def by_user(self) -> dict[str, Row]:
        """The rows by their users, best first."""
        return {row.user_id: row for row in self.rows}

    def _update_time(self) -> Timestamp | None:
        if not self.updated_at:
            return None
        seconds, milliseconds = divmod(self.updated_at, 1000)
        return Timestamp(seconds=seconds, nanos=milliseconds * 1_000_000)


def _changed(rows: tuple[Row, ...], before: Mapping[str, Row]) -> Iterator[Standing]:
    for row in rows:
        old = before.get(row.user_id)
        if row != old:
            yield row.since(old)
