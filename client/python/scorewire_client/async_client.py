"""The client for asyncio."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, Self, TypeVar, Unpack
from weakref import WeakSet

import grpc
from tenacity import AsyncRetrying

from scorewire_client import DEFAULT_ADDRESS, calls
from scorewire_client.async_awards import AsyncAwards
from scorewire_client.async_watch import AsyncWatch
from scorewire_client.attempts import Attempts
from scorewire_client.awarding import AwardDetails, award_request
from scorewire_client.calls import Call
from scorewire_client.channels import OPTIONS, Endpoint
from scorewire_client.connection import Connection
from scorewire_client.errors import ScorewireError
from scorewire_client.results import ActionOutcome, Award, Board, Page, Session, Standing
from scorewire_client.sending import send_async
from scorewire_client.tls import Tls
from scorewire_client.watching import Watched, Watching

T = TypeVar("T")


class AsyncScorewire:
    """`Scorewire` for asyncio: the same arguments, calls, answers and errors. Close it, or use `async with`."""

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        tls: Tls | None = None,
        session: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._connection = Connection(address, tls, _connect, self._close_later)
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False
        self._watches: WeakSet[AsyncWatch] = WeakSet()
        self._awards = AsyncAwards(lambda requests: self._call(calls.award_all(requests)))
        self._timeout = timeout
        self.session = session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connection and ends every watch."""
        self._closed = True
        for watch in list(self._watches):
            watch.close()
        await self._awards.close()
        for channel in self._connection.drain():
            await channel.close()

    def _close_later(self, channel: grpc.aio.Channel) -> None:
        closing = asyncio.create_task(channel.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def sign_in_as_guest(self, display_name: str) -> Session:
        """Makes a guest user, where development sign-in is on, and acts as that user from now on."""
        session = await self._call(calls.sign_in_as_guest(display_name))
        self.session = session.token
        return session

    async def act(
        self, some: Any = None, action_type: str | None = None, *, request_id: str | None = None
    ) -> ActionOutcome:
        """Does an action with the JSON value `some`; without `action_type` the operator's default one.

        The same `request_id` again does nothing but bring the same outcome; without one, this is a new action.
        """
        return await self._call(calls.act(some, action_type, request_id, self.session))

    async def redeem(self, ticket: str, data: str) -> Award:
        """Redeems an outcome's `token` with its `result`, within 10 seconds."""
        return await self._call(calls.redeem(ticket, data))

    async def award(self, user_id: str, points: int, **details: Unpack[AwardDetails]) -> Award:
        """Gives a user points, as a service that has a certificate (`tls`), at the internal port or the score server.

        Concurrent calls go together; each has its own answer or error. It counts once, however often it is sent, under
        the `award_id` that you give or that is made for you. Raises ValueError for what no award can hold.
        """
        return await self._awards.award(award_request(user_id, points, **details))

    async def top(self, board_id: str | None = None, *, limit: int | None = None) -> Board:
        """The best of a board, 10 unless `limit` says otherwise (1-100)."""
        return await self._call(calls.top(board_id, limit))

    async def around(self, user_id: str, board_id: str | None = None, *, radius: int | None = None) -> Board:
        """The standings around a user, with its own: `radius` above and as many below, 4 unless given (1-50)."""
        return await self._call(calls.around(user_id, board_id, radius))

    async def among(self, user_ids: Iterable[str], board_id: str | None = None) -> Board:
        """The standings of some users, such as somebody's friends: 200 at most, each once, of those who have one.

        Raises ValueError for no users at all.
        """
        return await self._call(calls.among(user_ids, board_id))

    async def standing(self, user_id: str, board_id: str | None = None) -> Standing:
        """One user's score and rank."""
        return await self._call(calls.standing(user_id, board_id))

    async def page(
        self, board_id: str | None = None, *, page_size: int | None = None, page_token: str | None = None
    ) -> Page:
        """One page of a board, 100 standings unless `page_size` says otherwise (1-1000)."""
        return await self._call(calls.page(board_id, page_size, page_token))

    async def standings(self, board_id: str | None = None, *, page_size: int | None = None) -> AsyncIterator[Standing]:
        """Every standing of a board, best first, read page by page."""
        page_token: str | None = None
        while True:
            page = await self.page(board_id, page_size=page_size, page_token=page_token)
            for standing in page.standings:
                yield standing
            page_token = page.next_page_token
            if not page_token:
                return

    def watch(self, board_id: str | None = None, **watched: Unpack[Watched]) -> AsyncWatch:
        """A window of a board live; see `Watched` for what can be asked for, and `AsyncWatch` for what comes.

        It ends when it is closed, or this client is, or the task is cancelled.
        """
        watch = AsyncWatch(self._connection, Watching(board_id, watched))
        self._watches.add(watch)
        if self._closed:
            watch.close()
        return watch

    async def _call(self, call: Call[T]) -> T:
        attempts = Attempts(call, self._timeout, lambda: self._closed)
        return await AsyncRetrying(**attempts.rules)(self._attempt, attempts)

    async def _attempt(self, attempts: Attempts[T]) -> T:
        with self._connection.lent() as channel:
            try:
                return await send_async(channel, attempts.call, attempts.begin())
            except ScorewireError as error:
                return attempts.failed(error)


def _connect(endpoint: Endpoint) -> grpc.aio.Channel:
    if endpoint.credentials:
        return grpc.aio.secure_channel(endpoint.target, endpoint.credentials, OPTIONS)
    return grpc.aio.insecure_channel(endpoint.target, OPTIONS)
