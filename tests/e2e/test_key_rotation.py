"""Keys are published at the gateway, and change under load without a restart and without anybody being refused."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.e2e.players import bearer
from tests.processes import run_cli
from tests.stack import Stack
from tests.waiting import becomes, comes

JWKS = "/.well-known/jwks.json"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
PLAYERS = 2
UNLIMITED = ("scorewire.session.v1.SessionService/SignInAsGuest", "scorewire.action.v1.KeyService/GetPublicKeys")
ENOUGH = 100
"""Tickets redeemed before, and after, a key begins to sign."""


class Refused(Exception):
    """A call was refused, which `Load` has noted."""


@dataclass
class Load:
    """What players have met so far: the keys of their tickets and sessions, in order, and all that was refused."""

    tickets: list[tuple[str, int]] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    def signed_by(self, kid: str) -> list[int]:
        """When tickets of that key were issued."""
        return [issued for signer, issued in self.tickets if signer == kid]

    async def play(self, client: httpx.AsyncClient) -> None:
        """Signs in, rolls the dice and redeems the ticket, again and again."""
        while True:
            with suppress(Refused):
                await self._round(client)

    async def _round(self, client: httpx.AsyncClient) -> None:
        session = await self._answer(client, "/api/session/guest", {"displayName": "Ada"}, {})
        done = await self._answer(client, "/api/action/do-some", {}, bearer(session["token"]))
        await self._answer(client, "/api/score/update", {"data": done["result"]}, bearer(done["token"]))
        self.sessions.add(jwt.get_unverified_header(session["token"])["kid"])
        claims = jwt.decode(done["token"], options={"verify_signature": False})
        self.tickets.append((jwt.get_unverified_header(done["token"])["kid"], claims["iat"]))

    async def _answer(
        self, client: httpx.AsyncClient, path: str, body: dict[str, object], headers: dict[str, str]
    ) -> dict[str, str]:
        answer = await client.post(path, json=body, headers=headers)
        if answer.status_code != httpx.codes.OK:
            self.refused.append(answer.text)
            raise Refused
        return answer.json()


@asynccontextmanager
async def playing(client: httpx.AsyncClient) -> AsyncIterator[Load]:
    load = Load()
    players = [asyncio.create_task(load.play(client)) for _ in range(PLAYERS)]
    try:
        yield load
    finally:
        for player in players:
            player.cancel()
            with suppress(asyncio.CancelledError):
                await player


@pytest.fixture(params=[("file", 3.0), ("url", 11.0)], ids=["file", "url"])
def lead(request: pytest.FixtureRequest) -> tuple[str, float]:
    """Where the score server has the keys from, and how long that may take."""
    return request.param


@pytest.fixture
def environment(lead: tuple[str, float]) -> dict[str, str]:
    return {
        "SCOREWIRE_ACTION__DELIVERY": '{"dice.roll":"ticket"}',
        "SCOREWIRE_ACTION__KEY_LEAD_SECONDS": str(lead[1]),
        "SCOREWIRE_ACTION__GUEST_SESSION_SECONDS": "10",
        # All of this comes from one address.
        "SCOREWIRE_ACTION__LIMITS": json.dumps(dict.fromkeys(UNLIMITED, "none")),
        "SCOREWIRE_GATEWAY__ADDRESS_REQUESTS": "100000/10 seconds",
        "SCOREWIRE_SCORE__TICKET_JWKS_REFRESH_SECONDS": "1",
    }


@pytest.fixture
def stack(tmp_path: Path, lead: tuple[str, float], environment: dict[str, str]) -> Iterator[Stack]:
    """Servers of the test's own."""
    stack = Stack(tmp_path, **environment)
    if lead[0] == "url":
        # It starts before the gateway that it fetches the keys from.
        stack.score.env["SCOREWIRE_SCORE__TICKET_JWKS_URL"] = f"{stack.url}{JWKS}"
    with stack:
        yield stack


async def kids(client: httpx.AsyncClient) -> list[str]:
    return [jwk["kid"] for jwk in (await client.get(JWKS)).json()["keys"]]


def rotate(stack: Stack, environment: dict[str, str], purpose: str) -> None:
    rotated = run_cli("keys", "rotate", purpose, env=environment | {"SCOREWIRE_DATA_DIR": str(stack.folder)})
    assert rotated.returncode == 0, rotated.stderr


async def test_keys_rotate_under_load(stack: Stack, environment: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=stack.url, timeout=30) as client, playing(client) as load:
        (old,) = await kids(client)
        await becomes(lambda: len(load.signed_by(old)) > ENOUGH, "tickets of the old key")
        # A score server that has not fetched keys yet says so, and when to come again.
        assert {"UPSTREAM_UNAVAILABLE"} >= {json.loads(answer)["details"][0]["reason"] for answer in load.refused}
        load.refused.clear()
        for purpose in ("tickets", "guests"):
            await asyncio.to_thread(rotate, stack, environment, purpose)

        async def both() -> list[dict[str, Any]] | None:
            published = (await client.get(JWKS)).json()["keys"]
            return published if len(published) == 2 else None

        first, second = await comes(both, "the new key at the gateway")
        assert first["kid"] == old
        new = second["kid"]
        await becomes(lambda: len(load.signed_by(new)) > ENOUGH, "tickets of the new key")
        await becomes(lambda: len(load.sessions) == 2, "sessions of the new key")

        async def alone() -> bool:
            return await kids(client) == [new]

        await comes(alone, "the end of the old key")
        assert load.refused == []
        # A ticket has the time before its key is chosen, in whole seconds.
        assert max(load.signed_by(old)) < second["nbf"] <= min(load.signed_by(new)) + 1


async def test_the_gateway_publishes_public_keys(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.url) as client:
        answer = await client.get(JWKS)
        assert answer.status_code == httpx.codes.OK
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "public, max-age=5"
        assert answer.headers["x-content-type-options"] == "nosniff"
        (key,) = answer.json()["keys"]
        assert not key.keys() & PRIVATE
        assert {"keys": [key]} == json.loads((stack.folder / "keys/tickets.jwks.json").read_text())
        assert (await client.post(JWKS)).status_code == httpx.codes.METHOD_NOT_ALLOWED
        assert (await client.get(f"{JWKS}?private=true")).status_code == httpx.codes.BAD_REQUEST
