"""The boards of a running score server, page by page, as the operator."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, ListStandingsRequest
from scorewire_server.audit.ranking import Page
from scorewire_server.errors import BoardUnknown
from scorewire_server.rpc.operator import CALL_SECONDS, NoAnswer, answered
from scorewire_server.score.bookmarks import Bookmarks

if TYPE_CHECKING:
    from scorewire.score.v1.score_pb2 import ListStandingsResponse
    from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub

    _Answer = Callable[[], ListStandingsResponse]
    """Waits for an answer that was asked for."""

_PAGE_SIZE = 1000


class ServerPages:
    """Pages of a running server. Every method raises a Refusal or NoAnswer."""

    def __init__(self, stub: "ScoreServiceStub", address: str) -> None:
        """`address` is where the stub calls, for what is said where nobody answers there."""
        self._stub = stub
        self._address = address
        self._next: tuple[tuple[str, str], _Answer] | None = None

    def check_database(self, database_id: str) -> None:
        """Raises NoAnswer where the server has another database."""
        with answered(self._address):
            answer = self._stub.GetLeaderboard(GetLeaderboardRequest(limit=1), timeout=CALL_SECONDS)
        if Bookmarks(database_id, answer.leaderboard.board_id).revision(answer.resume_token) < 0:
            raise NoAnswer("the server there has another database")

    def page(self, board_id: str, token: str) -> Page | None:
        """See Pages."""
        try:
            with answered(self._address):
                page = self._asked(board_id, token)()
        except BoardUnknown:
            return None
        if page.next_page_token:  # the server makes the next page while this one is looked at
            self._next = (board_id, page.next_page_token), self._ask(board_id, page.next_page_token)
        standings = [(each.rank, each.user_id, each.score) for each in page.standings]
        return Page(page.revision, page.total_users, standings, page.next_page_token)

    def _asked(self, board_id: str, token: str) -> "_Answer":
        next_, self._next = self._next, None
        return next_[1] if next_ and next_[0] == (board_id, token) else self._ask(board_id, token)

    def _ask(self, board_id: str, token: str) -> "_Answer":
        request = ListStandingsRequest(board_id=board_id, page_size=_PAGE_SIZE, page_token=token)
        return self._stub.ListStandings.future(request, timeout=CALL_SECONDS).result
