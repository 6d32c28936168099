"""The client for threads."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self, TypeVar, Unpack
from weakref import WeakSet

import grpc
from tenacity import Retrying

from scorewire_client import DEFAULT_ADDRESS, calls
from scorewire_client.attempts import Attempts
from scorewire_client.awarding import AwardDetails, award_request
from scorewire_client.awards import Awards
from scorewire_client.calls import Call
from scorewire_client.channels import OPTIONS, Endpoint
from scorewire_client.connection import Connection
from scorewire_client.errors import ScorewireError
from scorewire_client.results import ActionOutcome, Award, Board, Page, Session, Standing
from scorewire_client.sending import send
from scorewire_client.tls import Tls
from scorewire_client.watch import Watch
from scorewire_client.watching import Watched, Watching

T = TypeVar("T")


class Scorewire:
    """Calls Scorewire through its gateway; safe to share between threads. Close it, or use it in a `with` statement.

    `address` is `host:port`, or `https://host:port` for TLS, with the files of `tls` where the system's authorities are
    not enough. `session` is the session JWT that actions need; `sign_in_as_guest` sets it. `timeout` is the time of
    each call in seconds, with its retries. Every call raises ScorewireError, and is sent again while the server cannot
    be reached, but for sign-ins: whatever is sent again counts once.
    """

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        tls: Tls | None = None,
        session: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._connection = Connection(address, tls, _connect, grpc.Channel.close)
        self._closed = threading.Event()
        self._watches: WeakSet[Watch] = WeakSet()
        self._awards = Awards(lambda requests: self._call(calls.award_all(requests)))
        self._timeout = timeout
        self.session = session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection and ends every watch."""
        self._closed.set()
        for watch in list(self._watches):
            watch.close()
        for channel in self._connection.drain():
            channel.close()

    def sign_in_as_guest(self, display_name: str) -> Session:
        """Makes a guest user, where development sign-in is on, and acts as that user from now on."""
        session = self._call(calls.sign_in_as_guest(display_name))
        self.session = session.token
        return session

    def act(self, some: Any = None, action_type: str | None = None, *, request_id: str | None = None) -> ActionOutcome:
        """Does an action with the JSON value `some`; without `action_type` the operator's default one.

        The same `request_id` again does nothing but bring the same outcome; without one, this is a new action.
        """
        return self._call(calls.act(some, action_type, request_id, self.session))

    def redeem(self, ticket: str, data: str) -> Award:
        """Redeems an outcome's `token` with its `result`, within 10 seconds."""
        return self._call(calls.redeem(ticket, data))

    def award(self, user_id: str, points: int, **details: Unpack[AwardDetails]) -> Award:
        """Gives a user points, as a service that has a certificate (`tls`), at the internal port or the score server.

        Concurrent calls go together; each has its own answer or error. It counts once, however often it is sent, under
        the `award_id` that you give or that is made for you. Raises ValueError for what no award can hold.
        """
        return self._awards.award(award_request(user_id, points, **details))

    def top(self, board_id: str | None = None, *, limit: int | None = None) -> Board:
        """The best of a board, 10 unless `limit` says otherwise (1-100)."""
        return self._call(calls.top(board_id, limit))

    def around(self, user_id: str, board_id: str | None = None, *, radius: int | None = None) -> Board:
        """The standings around a user, with its own: `radius` above and as many below, 4 unless given (1-50)."""
        return self._call(calls.around(user_id, board_id, radius))

    def among(self, user_ids: Iterable[str], board_id: str | None = None) -> Board:
        """The standings of some users, such as somebody's friends: 200 at most, each once, of those who have one.

        Raises ValueError for no users at all.
        """
        return self._call(calls.among(user_ids, board_id))

    def standing(self, user_id: str, board_id: str | None = None) -> Standing:
        """One user's score and rank."""
        return self._call(calls.standing(user_id, board_id))

    def page(self, board_id: str | None = None, *, page_size: int | None = None, page_token: str | None = None) -> Page:
        """One page of a board, 100 standings unless `page_size` says otherwise (1-1000)."""
        return self._call(calls.page(board_id, page_size, page_token))

    def standings(self, board_id: str | None = None, *, page_size: int | None = None) -> Iterator[Standing]:
        """Every standing of a board, best first, read page by page."""
        page = self.page(board_id, page_size=page_size)
        yield from page.standings
        while page.next_page_token:
            page = self.page(board_id, page_size=page_size, page_token=page.next_page_token)
            yield from page.standings

    def watch(self, board_id: str | None = None, **watched: Unpack[Watched]) -> Watch:
        """A window of a board live; see `Watched` for what can be asked for, and `Watch` for what comes.

        It ends when it is closed, or this client is.
        """
        watch = Watch(self._connection, Watching(board_id, watched))
        self._watches.add(watch)
        if self._closed.is_set():
            watch.close()
        return watch

    def _call(self, call: Call[T]) -> T:
        attempts = Attempts(call, self._timeout, self._closed.is_set)
        retrying: Callable[..., T] = Retrying(**attempts.rules)
        return retrying(self._attempt, attempts)

    def _attempt(self, attempts: Attempts[T]) -> T:
        with self._connection.lent() as channel:
            try:
                return send(channel, attempts.call, attempts.begin())
            except ScorewireError as error:
                return attempts.failed(error)


def _connect(endpoint: Endpoint) -> grpc.Channel:
    if endpoint.credentials:
        return grpc.secure_channel(endpoint.target, endpoint.credentials, OPTIONS)
    return grpc.insecure_channel(endpoint.target, OPTIONS)
