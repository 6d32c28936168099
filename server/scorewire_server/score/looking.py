"""What the operator looks at: pages of the audit, and of one user's rows of the ledger."""

import asyncio
import base64
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from google.protobuf.message import DecodeError

from scorewire.score.v1.token_pb2 import AuditPageToken, HistoryPageToken
from scorewire_server.errors import PageTokenInvalid, UserUnknown
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.storage.history import History, Noted, Wanted
from scorewire_server.storage.records import Award, Restriction

_Token = TypeVar("_Token", AuditPageToken, HistoryPageToken)


class EventsPage(NamedTuple):
    """Events, the newest first, and the token of the next page, empty on the last one."""

    events: Sequence[Noted]
    next_token: str


class EntriesPage(NamedTuple):
    """How a user stands, its rows of the ledger, the newest first, and the token of the next page."""

    restriction: Restriction
    entries: Sequence[Award]
    next_token: str


class Lookout:
    """Reads in threads, beside the awards. Every method raises PageTokenInvalid, StorageUnavailable."""

    def __init__(self, history: History, scoreboard: Scoreboard) -> None:
        self._history = history
        self._scoreboard = scoreboard

    async def events(self, wanted: Wanted, size: int, page_token: str) -> EventsPage:
        """A page of the audit."""
        before = self._token(AuditPageToken, page_token).last_id if page_token else None
        found = await asyncio.to_thread(self._history.events, wanted, before, size + 1)
        if len(found) <= size:
            return EventsPage(found, "")
        token = AuditPageToken(database_id=self._scoreboard.database_id, last_id=found[size - 1].number)
        return EventsPage(found[:size], _encode(token))

    async def entries(self, user_id: str, size: int, page_token: str) -> EntriesPage:
        """A page of a user's history. Raises UserUnknown."""
        before = self._place(page_token, user_id) if page_token else None
        found = await asyncio.to_thread(self._history.entries, user_id, before, size + 1)
        if not found and before is None:
            raise UserUnknown(f"the ledger has nothing about {user_id}; see that the id is right", userId=user_id)
        restriction = await asyncio.to_thread(self._history.restriction, user_id)
        standing = restriction or Restriction(user_id, "clear", 0, "")
        if len(found) <= size:
            return EntriesPage(standing, found, "")
        last = found[size - 1].position
        token = HistoryPageToken(database_id=self._scoreboard.database_id, user_id=user_id, last_position=last)
        return EntriesPage(standing, found[:size], _encode(token))

    def _place(self, page_token: str, user_id: str) -> int:
        token = self._token(HistoryPageToken, page_token)
        if token.user_id != user_id:
            raise _invalid()
        return token.last_position

    def _token(self, kind: type[_Token], text: str) -> _Token:
        try:
            token = kind.FromString(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        except (DecodeError, ValueError):
            raise _invalid() from None
        if len(token.ListFields()) < len(kind.DESCRIPTOR.fields) or token.database_id != self._scoreboard.database_id:
            raise _invalid()
        return token


def _invalid() -> PageTokenInvalid:
    return PageTokenInvalid("page_token is not one of this list and database; start with the first page")


def _encode(token: AuditPageToken | HistoryPageToken) -> str:
    return base64.urlsafe_b64encode(token.SerializeToString()).decode().rstrip("=")
