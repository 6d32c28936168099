"""Resume and page tokens: protobufs inside, opaque outside, and they know their database and board."""

import base64
from typing import TypeVar

from google.protobuf.message import DecodeError

from scorewire.score.v1.token_pb2 import PageToken, ResumeToken
from scorewire_server.errors import PageTokenInvalid, ResumeTokenInvalid
from scorewire_server.score.ranking import Place

_Token = TypeVar("_Token", PageToken, ResumeToken)
_HEAD_BYTES = 8
"""Enough that no two hashes begin alike by chance."""


class Bookmarks:
    """Makes and reads the tokens of one board."""

    def __init__(self, database_id: str, board_id: str) -> None:
        self._database_id = database_id
        self._board_id = board_id

    def resume(self, revision: int, head: bytes) -> str:
        """The token of a board at a revision, at which the ledger's hash is `head`."""
        token = ResumeToken(database_id=self._database_id, board_id=self._board_id, revision=revision)
        token.head = head[:_HEAD_BYTES]
        return _encode(token)

    def revision(self, resume_token: str) -> int:
        """The revision that a watch has seen; -1, so all is new, for a token of another database.

        Raises ResumeTokenInvalid for what is no token of this board.
        """
        token = _decode(ResumeToken, resume_token)
        if token is None or token.board_id != self._board_id:
            raise ResumeTokenInvalid("resume_token is not one of this board; watch without one")
        return token.revision if token.database_id == self._database_id else -1

    def page(self, last: Place) -> str:
        """The token of the page that follows a place."""
        return _encode(
            PageToken(
                database_id=self._database_id,
                board_id=self._board_id,
                score=last.score,
                reached_position=last.reached_position,
            )
        )

    def place(self, page_token: str) -> tuple[int, int]:
        """Score and reached position of the last place sent. Raises PageTokenInvalid."""
        token = _decode(PageToken, page_token)
        if token is None or (token.database_id, token.board_id) != (self._database_id, self._board_id):
            raise PageTokenInvalid("page_token is not one of this board and database; start with the first page")
        return token.score, token.reached_position


def _encode(token: PageToken | ResumeToken) -> str:
    return base64.urlsafe_b64encode(token.SerializeToString()).decode().rstrip("=")


def _decode(kind: type[_Token], text: str) -> _Token | None:
    try:
        token = kind.FromString(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (DecodeError, ValueError):
        return None
    # The fields differ, so that a token which has all of one kind is of that kind.
    return token if len(token.ListFields()) == len(kind.DESCRIPTOR.fields) else None
