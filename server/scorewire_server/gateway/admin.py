"""Envoy's administration, over a socket that its owner alone may use."""

import asyncio
import json
import socket
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

_TIMEOUT = 2.0


class Admin:
    """Asks Envoy, and tells it what to do; everything raises OSError where it does not answer."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def is_ready(self) -> bool:
        """Whether every listener listens."""
        try:
            status, body = await self._call("GET", "/ready")
        except (OSError, HTTPException):
            return False
        return status == HTTPStatus.OK and body.strip() == b"LIVE"

    async def ports(self) -> dict[str, int]:
        """The port of each listener, by its name."""
        _, body = await self._call("GET", "/listeners?format=json")
        statuses = json.loads(body)["listener_statuses"]
        return {each["name"]: each["local_address"]["socket_address"]["port_value"] for each in statuses}

    async def gauges(self, pattern: str) -> dict[str, int]:
        """The values of the statistics whose names match the regular expression, by their names."""
        _, body = await self._call("GET", f"/stats?format=json&filter={pattern}")
        return {each["name"]: each["value"] for each in json.loads(body)["stats"] if "name" in each}

    async def drain(self) -> None:
        """Lets Envoy ask every client to connect elsewhere."""
        await self._call("POST", "/healthcheck/fail")
        await self._call("POST", "/drain_listeners?graceful")

    async def _call(self, method: str, path: str) -> tuple[int, bytes]:
        return await asyncio.to_thread(self._exchange, method, path)

    def _exchange(self, method: str, path: str) -> tuple[int, bytes]:
        connection = _UnixConnection(self._path)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


class _UnixConnection(HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: Path) -> None:
        super().__init__("envoy", timeout=_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
