"""The client for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Self, TypeVar

import grpc
from tenacity import AsyncRetrying

from scorewire.score.v1.score_pb2 import WatchLeaderboardRequest, WatchLeaderboardResponse
from scorewire_client import DEFAULT_ADDRESS, calls
from scorewire_client.attempts import Attempts
from scorewire_client.calls import Call
from scorewire_client.channels import OPTIONS, Endpoint
from scorewire_client.connection import Connection
from scorewire_client.errors import ScorewireError, decode_error
from scorewire_client.results import ActionOutcome, Award, Board, Page, Session, Standing
from scorewire_client.tls import Tls
from scorewire_client.watching import SILENCE_SECONDS, Watching, ended, silent

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
        self._timeout = timeout
        self.session = session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connection and ends every watch."""
        self._closed = True
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

    async def top(self, board_id: str | None = None, *, limit: int | None = None) -> Board:
        """The best of a board, 10 unless `limit` says otherwise (1-100)."""
        return await self._call(calls.top(board_id, limit))

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

    async def watch(
        self,
        board_id: str | None = None,
        *,
        limit: int | None = None,
        user_id: str | None = None,
        resume_token: str | None = None,
        silence: float = SILENCE_SECONDS,
    ) -> AsyncIterator[Board]:
        """A board's newest state, again and again, until the client is closed or the task cancelled.

        A stream that breaks, or sends nothing for `silence` seconds, is begun again where it ended. Raises
        ScorewireError where that cannot help, and where the server cannot be reached at the very start.
        """
        request = WatchLeaderboardRequest(board_id=board_id, limit=limit, user_id=user_id, resume_token=resume_token)
        watching = Watching(request)
        while not self._closed:
            try:
                async with aclosing(self._stream(watching.request, silence)) as messages:
                    async for message in messages:
                        board = watching.take(message)
                        if board:
                            yield board
                error = ended()
            except ScorewireError as broken:
                error = broken
            if not self._closed:
                await asyncio.sleep(watching.pause(error))

    async def _call(self, call: Call[T]) -> T:
        attempts = Attempts(call, self._timeout, lambda: self._closed)
        return await AsyncRetrying(**attempts.rules)(self._attempt, attempts)

    async def _attempt(self, attempts: Attempts[T]) -> T:
        call = attempts.call
        with self._connection.lent() as channel:
            method = channel.unary_unary(
                call.method,
                request_serializer=type(call.request).SerializeToString,
                response_deserializer=call.response.FromString,
            )
            try:
                return call.read(await method(call.request, timeout=attempts.begin(), metadata=call.metadata))
            except grpc.RpcError as failure:
                return attempts.failed(failure)

    async def _stream(
        self, request: WatchLeaderboardRequest, silence: float
    ) -> AsyncGenerator[WatchLeaderboardResponse, None]:
        with self._connection.lent() as channel:
            stream: Any = channel.unary_stream(
                calls.WATCH,
                request_serializer=WatchLeaderboardRequest.SerializeToString,
                response_deserializer=WatchLeaderboardResponse.FromString,
            )(request)
            try:
                while (message := await asyncio.wait_for(stream.read(), silence)) is not grpc.aio.EOF:
                    yield message
            except asyncio.CancelledError:
                # Closing the channel looks to its readers as if their task were cancelled.
                if not self._closed or _cancelled():
                    raise
            except TimeoutError:
                raise silent(silence) from None
            except grpc.RpcError as failure:
                raise decode_error(failure) from failure
            finally:
                stream.cancel()


def _connect(endpoint: Endpoint) -> grpc.aio.Channel:
    if endpoint.credentials:
        return grpc.aio.secure_channel(endpoint.target, endpoint.credentials, OPTIONS)
    return grpc.aio.insecure_channel(endpoint.target, OPTIONS)


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
