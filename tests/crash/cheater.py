"""Somebody with an account, who redeems tickets with better points than they are good for, until the detector acts."""

import asyncio
from typing import Any

import grpc

from scorewire.score.v1.score_pb2 import GetStandingRequest
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire.session.v1.session_pb2 import SignInAsGuestRequest
from scorewire.session.v1.session_pb2_grpc import SessionServiceStub
from tests.crash.asking import Asker
from tests.crash.book import Asked, Book
from tests.crash.hearing import told_by
from tests.crash.world import DEADLINE_SECONDS

TIMES = 20
"""How often a ticket is presented with other data, before the cheater looks whether it is still shown."""


class Cheater:
    """One of them; what it earns honestly is in the book, as that of everybody else."""

    def __init__(self, gateway: grpc.aio.Channel, asker: Asker, book: Book) -> None:
        self.user_id = ""
        self._honest: Asked | None = None
        self._sessions: Any = SessionServiceStub(gateway)
        self._scores: Any = ScoreServiceStub(gateway)
        self._asker = asker
        self._book = book

    async def cheat(self, request_id: str) -> None:
        """Returns when it has an award, and is not shown any more."""
        await self._until(self._sign_in)
        self._honest = Asked("ticket", self.user_id, request_id, 7)
        self._book.asked.append(self._honest)
        await self.cheat_on()

    async def cheat_on(self) -> None:
        """The same again, as far as it is needed: a ledger that was set back may know of neither."""
        honest = self._honest
        assert honest
        await self._until(lambda: self._earn(honest))
        await self._until(lambda: self._go_on(honest))

    async def _earn(self, honest: Asked) -> None:
        with self._book.asking([honest]):
            await self._asker.ask(honest)

    async def _sign_in(self) -> None:
        guest = await self._sessions.SignInAsGuest(SignInAsGuestRequest(display_name="Eve"), timeout=DEADLINE_SECONDS)
        self.user_id = guest.user_id
        self._asker.sessions[guest.user_id] = guest.token

    async def _go_on(self, honest: Asked) -> None:
        while await self._is_shown():
            await self._asker.misuse(honest, TIMES)

    async def _is_shown(self) -> bool:
        try:
            await self._scores.GetStanding(GetStandingRequest(user_id=self.user_id), timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as error:
            if told_by(error).reason == "STANDING_NOT_FOUND":
                return False
            raise
        return True

    async def _until(self, trying: Any) -> None:
        while True:
            try:
                return await trying()
            except grpc.aio.AioRpcError as error:
                if told_by(error).code not in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "UNAUTHENTICATED"):
                    raise
            await asyncio.sleep(0.1)
