"""A proxy that cuts connections in the middle of a call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple, Self

Direction = Literal["requests", "answers"]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Passes connections on to a target: a port of the loopback interface, or a Unix socket.

    A cut is armed: what next comes in that direction is passed on in part or not at all, and its connection is reset.
    With `patience`, so is each connection whose target has said nothing for so many seconds.
    """

    def __init__(self, patience: float | None = None) -> None:
        self._patience = patience
        self.target: int | Path = 0
        self.port = 0
        self.cuts = 0
        self._armed: tuple[Direction, float, bytes] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    @asynccontextmanager
    async def listening(self, path: Path | None = None) -> AsyncIterator[Self]:
        """Listens while entered, on a free port or as the Unix socket at `path`."""
        if path:
            server = await asyncio.start_unix_server(self._connected, path)
        else:
            server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def arm(self, direction: Direction, share: float, word: bytes = b"") -> None:
        """Cuts the connection that next carries something in that direction, behind a share of it between 0 and 1.

        Where there is a `word`, only something that has it in it.
        """
        self._armed = (direction, share, word)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            to_reader, to_writer = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        passing = [
            asyncio.ensure_future(self._pass(reader, to_writer, "requests")),
            asyncio.ensure_future(self._pass(to_reader, writer, "answers")),
        ]
        try:
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in passing:
                each.cancel()
            writer.transport.abort()
            to_writer.transport.abort()

    async def _connect(self) -> Streams:
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection("127.0.0.1", self.target)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        with suppress(ConnectionError):
            while chunk := await self._read(reader, direction):
                if self._armed and self._armed[0] == direction and self._armed[2] in chunk:
                    (_, share, _), self._armed = self._armed, None
                    self.cuts += 1
                    writer.write(chunk[: int(len(chunk) * share)])
                    await writer.drain()
                    return
                writer.write(chunk)
                await writer.drain()

    async def _read(self, reader: asyncio.StreamReader, direction: Direction) -> bytes:
        try:
            async with asyncio.timeout(self._patience if direction == "answers" else None):
                return await reader.read(65_536)
        except TimeoutError:
            self.cuts += 1
            return b""


class Proxies(NamedTuple):
    """One wherever a connection may be cut."""

    front: Proxy
    """From clients to the gateway."""
    between: Proxy
    """From the action server to the score server."""
    behind: Proxy
    """From both servers to PostgreSQL."""

    @classmethod
    @asynccontextmanager
    async def listening(cls, socket: Path) -> AsyncIterator["Proxies"]:
        """Listen while entered; the last one as the Unix socket at that path."""
        async with Proxy().listening() as front, Proxy().listening() as between, Proxy().listening(socket) as behind:
            yield cls(front, between, behind)
