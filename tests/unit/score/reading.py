"""What a board shows, read from its bytes as a client does."""

from scorewire.score.v1.score_pb2 import GetLeaderboardResponse, Leaderboard
from scorewire_server.score.board import Board
from scorewire_server.score.windows import Top


def leaderboard(board: Board, limit: int = 100) -> Leaderboard:
    """The board's newest state."""
    return GetLeaderboardResponse.FromString(board.read(Top(limit))).leaderboard


def shown(board: Board) -> list[tuple[int, str, int, str]]:
    """Rank, user, score and name of everybody."""
    return [(s.rank, s.user_id, s.score, s.display_name) for s in leaderboard(board).standings]
