"""Whole boards out of the messages of a watch, and what has moved from one to the next."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from scorewire.score.v1.score_pb2 import Leaderboard, LeaderboardUpdate, WatchLeaderboardResponse
from scorewire_client.decoding import read_standing, read_time
from scorewire_client.results import Board, Standing


class Misfit(Exception):
    """An update that cannot be put upon the board before it."""


class _State(NamedTuple):
    """A window as it was sent, by user, best first; `own` is the standing that was asked for with it."""

    board_id: str
    revision: int
    total_users: int
    standings: dict[str, Standing]
    own: Standing | None
    update_time: datetime | None


class Boards:
    """The newest board of a watch. Movements are those since the board before, over interruptions too."""

    def __init__(self) -> None:
        self._state: _State | None = None

    def take(self, message: WatchLeaderboardResponse) -> Board | None:
        """The board that a message makes; `None` for a heartbeat, and where nothing differs. Raises Misfit."""
        own = read_standing(message.standing) if message.HasField("standing") else None
        if message.HasField("leaderboard"):
            state = _whole(message.leaderboard, own)
        elif message.HasField("update"):
            state = _updated(self._state, message.update, own)
        else:
            return None
        before, self._state = self._state, state
        return None if state == before else _board(state, before, message.resume_token)


def _whole(board: Leaderboard, own: Standing | None) -> _State:
    standings = {each.user_id: read_standing(each) for each in board.standings}
    return _State(board.board_id, board.revision, board.total_users, standings, own, read_time(board))


def _updated(state: _State | None, update: LeaderboardUpdate, own: Standing | None) -> _State:
    if state is None or (state.board_id, state.revision) != (update.board_id, update.previous_revision):
        raise Misfit("an update of another board than the one before")
    standings = dict(state.standings)
    for user_id in update.left_user_ids:
        if standings.pop(user_id, None) is None:
            raise Misfit(f"{user_id} is said to have left, and was not there")
    standings |= {each.user_id: read_standing(each) for each in update.standings}
    ranked = _ranked(standings.values())
    return _State(update.board_id, update.revision, update.total_users, ranked, own, read_time(update))


def _ranked(standings: Iterable[Standing]) -> dict[str, Standing]:
    ranked = sorted(standings, key=lambda standing: standing.rank)
    if len({standing.rank for standing in ranked}) < len(ranked):
        raise Misfit("two users have one rank")
    return {standing.user_id: standing for standing in ranked}


def _board(state: _State, before: _State | None, resume_token: str) -> Board:
    former = before.standings if before else {}
    former_own = before.own if before else None
    return Board(
        state.board_id,
        state.revision,
        state.total_users,
        tuple(_moved(standing, former.get(standing.user_id)) for standing in state.standings.values()),
        state.own and _moved(state.own, former_own),
        resume_token,
        state.update_time,
    )


def _moved(standing: Standing, former: Standing | None) -> Standing:
    if former is None:
        return standing
    rank, user_id, name, score = standing.rank, standing.user_id, standing.display_name, standing.score
    return Standing(rank, user_id, name, score, former.rank - rank, score - former.score)
