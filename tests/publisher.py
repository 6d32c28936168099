"""Somebody who publishes keys: an HTTP server that answers whatever a test sets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Publisher:
    """An HTTP server that answers whatever a test sets, and counts what it is asked."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.status = "200 OK"
        self.headers = "content-type: application/json\r\n"
        self.asked = 0
        self.silent = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/.well-known/jwks.json"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.asked += 1
                await self._wait_while_silent()
                head = f"HTTP/1.1 {self.status}\r\n{self.headers}content-length: {len(self.body)}\r\n\r\n"
                writer.write(head.encode() + self.body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _wait_while_silent(self) -> None:
        if self.silent.is_set():
            await asyncio.Event().wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Publisher"]:
        tasks: set[asyncio.Task[None]] = set()

        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.ensure_future(self.answer(reader, writer)))

        server = await asyncio.start_server(serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
