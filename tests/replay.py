"""What somebody sees who puts each message of a watch upon the one before, as every client does."""

from collections.abc import Iterator, Sequence

from scorewire.score.v1.score_pb2 import Leaderboard, LeaderboardUpdate, Standing, WatchLeaderboardResponse

Messages = Sequence[WatchLeaderboardResponse]


class Replay:
    """One window as its messages make it; `board` is the newest state, without changes, as a read has it."""

    def __init__(self) -> None:
        self.board: Leaderboard | None = None

    def take(self, message: WatchLeaderboardResponse) -> Leaderboard | None:
        """The state after a message; `None` for a sign of life. Fails for an update of another state."""
        if message.HasField("heartbeat"):
            return None
        self.board = self._updated(message.update) if message.HasField("update") else still(message.leaderboard)
        return self.board

    def _updated(self, update: LeaderboardUpdate) -> Leaderboard:
        assert self.board is not None, "an update of nothing"
        assert update.previous_revision == self.board.revision, "an update of another state"
        standings = {standing.user_id: standing for standing in self.board.standings}
        for user_id in update.left_user_ids:
            del standings[user_id]
        standings |= {standing.user_id: standing for standing in update.standings}
        made = Leaderboard(
            board_id=update.board_id,
            revision=update.revision,
            total_users=update.total_users,
            standings=sorted(standings.values(), key=lambda standing: standing.rank),
        )
        if update.HasField("update_time"):
            made.update_time.CopyFrom(update.update_time)
        return still(made)


def still(board: Leaderboard) -> Leaderboard:
    """A board without what its standings say of changes."""
    copy = Leaderboard.FromString(board.SerializeToString())
    for standing in copy.standings:
        standing.ClearField("rank_change")
        standing.ClearField("score_change")
    return copy


def boards(messages: Messages) -> list[Leaderboard]:
    """The states that messages make, oldest first; a new stream begins with a whole board."""
    replay = Replay()
    return [board for message in messages if (board := replay.take(message)) is not None]


def wrong_changes(messages: Messages) -> Iterator[str]:
    """The standings of one stream whose changes are not what lies between two states that follow each other."""
    replay, before, own = Replay(), dict[str, Standing](), Standing()
    for message in messages:
        now = replay.take(message)
        if now is None:
            continue
        told = message.update.standings if message.HasField("update") else message.leaderboard.standings
        yield from (f"{s} was {before.get(s.user_id)}" for s in told if not _right(s, before.get(s.user_id)))
        if message.HasField("standing") and not _right(message.standing, own if own.user_id else None):
            yield f"the own {message.standing} was {own}"
        own = message.standing
        before = {standing.user_id: standing for standing in now.standings}


def _right(now: Standing, before: Standing | None) -> bool:
    if before is None:
        return not now.HasField("rank_change") and not now.HasField("score_change")
    climbed, gained = before.rank - now.rank, now.score - before.score
    told = {field.name: value for field, value in now.ListFields() if field.name.endswith("_change")}
    return told == {name: value for name, value in {"rank_change": climbed, "score_change": gained}.items() if value}
