"""The score server's own parts around a real ledger: tickets signed, checked, redeemed, with the detector beside."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import sqlalchemy as sa

from scorewire_server.detection.guard import Guard
from scorewire_server.detection.watching import Desk, watching
from scorewire_server.errors import Refusal
from scorewire_server.rpc.call import Call, Method, enter
from scorewire_server.score.awards import Awards
from scorewire_server.score.committer import Committer
from scorewire_server.score.decider import Decider
from scorewire_server.score.mistaken import TellingApart
from scorewire_server.score.redeem import Redeemer
from scorewire_server.score.rules import load_rules
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.score.trail import AuditTrail, Keeping
from scorewire_server.settings import DetectionSettings
from scorewire_server.storage.audit import AuditLog
from scorewire_server.storage.database import Database
from scorewire_server.storage.group_commit import Bounds
from scorewire_server.storage.ledger import Ledger
from scorewire_server.storage.records import AuditEvent, State
from scorewire_server.tokens.jwks import JwksFile
from scorewire_server.tokens.keys import jwks_file, make_keys, signing_file
from scorewire_server.tokens.origin import Origin
from scorewire_server.tokens.sessions import SessionVerifier
from scorewire_server.tokens.signing import OURS
from scorewire_server.tokens.signing_file import SigningFile
from scorewire_server.tokens.tickets import TicketIssuer, TicketVerifier
from tests.clocks import SetClock

RULES = """
default_board = "main"
[boards.main]
[actions."game.level"]
points = { field = "points" }
minimum = 1
maximum = 10
boards = ["main"]
"""
PARTIES = {"issuer": "scorewire-action", "audience": "scorewire-score"}


class Ticket(NamedTuple):
    """What a client has after an action."""

    token: str
    data: str


class Verdict(NamedTuple):
    """A decision of the detector's, so many seconds after the start."""

    seconds: float
    decision: str
    why: str


class World:
    """Where people act.

    At the end `verdicts` has the detector's rows of the ledger by user, and `findings` how often each sort of user has
    made each signal fire.
    """

    decider: Decider
    committer: Committer
    _guard: Guard
    _ledger: Ledger

    def __init__(self, folder: Path, clock: SetClock, **settings: Any) -> None:
        self.clock = clock
        self.start = clock()
        self.findings: Counter[str] = Counter()
        self.verdicts: dict[str, list[Verdict]] = {}
        self._settings = DetectionSettings(**settings)
        self.answers: Counter[str] = Counter()
        (folder / "rules.toml").write_text(RULES)
        self._folder = folder
        self._waiting: set[asyncio.Task[None]] = set()
        self._issuer = issuer(folder, clock)
        self._forger = issuer(folder / "forger", clock)
        self._redeemer: Redeemer

    @asynccontextmanager
    async def running(self) -> AsyncIterator["World"]:
        """Runs while entered."""
        rules = load_rules(self._folder / "rules.toml")
        database = Database(sa.URL.create("sqlite", database=str(self._folder / "score.db")))
        database.migrate()
        ledger = Ledger(database)
        scoreboard = Scoreboard(rules.board_ids(), rules.default_board, ledger.database_id())
        verifier = TicketVerifier(
            JwksFile(jwks_file(self._folder, "tickets"), OURS, self.clock), **PARTIES, tolerance=2.0, clock=self.clock
        )
        audit = AuditLog(database)
        async with AsyncExitStack() as stack:
            self._ledger = ledger
            self.committer = committer = await stack.enter_async_context(
                Committer(ledger, scoreboard, Bounds(10_000, 1_000, 0.01)).running()
            )
            trail = AuditTrail(audit, committer.between_transactions, self.clock, Keeping(10_000, 90))
            await stack.enter_async_context(trail.running())
            self.decider = Decider(committer, self.clock)
            desk = Desk(trail.note, self.decider.decide, audit.suspicions, ledger.position())
            self._guard = await stack.enter_async_context(watching(self._settings, rules, self.clock, desk))
            committer.guard = self._guard
            checking = TellingApart(verifier, SessionVerifier([], self.clock))
            self._redeemer = Redeemer(
                checking, rules, Awards(committer, scoreboard, trail.note), self.clock, self._guard
            )
            yield self
            await self.settle()
        self.findings.update(_by_whom(event) for event in audit.suspicions(0))
        for award in ledger.awards():
            if award.actor == "detector":
                verdict = Verdict(award.awarded_at / 1000 - self.start, award.kind, award.reason or "")
                self.verdicts.setdefault(award.user_id, []).append(verdict)
        self.shown = {
            standing.user_id for standing in ledger.standings("main") if scoreboard.rank("main", standing.user_id)
        }
        database.close()

    def act(self, user_id: str, points: int, address: str) -> Ticket:
        """Does an action, as ActionService would."""
        action = {"actionId": uuid4().hex, "actionType": "game.level", "result": {"points": points}}
        data = json.dumps(action)
        return Ticket(self._issuer.issue(user_id, None, data, Origin(None, address)), data)

    def forge(self, user_id: str, data: str) -> str:
        """A ticket as somebody without the key can make it."""
        return self._forger.issue(user_id, None, data)

    async def present(self, token: str, data: str, address: str) -> None:
        """Sends a ticket; returns when the call is under way."""
        task = asyncio.create_task(self._redeem(token, data, address))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        await asyncio.sleep(0)
        if len(self._waiting) >= 200:
            await self.settle()

    async def settle(self) -> None:
        """Returns when every call has been answered and looked at."""
        if self._waiting:
            await asyncio.wait(self._waiting)
        await asyncio.sleep(0)

    async def restricted(self) -> dict[str, State]:
        """Every user that is not clear when the verdicts until now have been carried out."""
        await self._guard.settle()
        return {each.user_id: each.state for each in await asyncio.to_thread(self._ledger.restricted)}

    async def _redeem(self, token: str, data: str, address: str) -> None:
        enter(Call(Method("scorewire.score.v1.ScoreService", "UpdateScore", streaming=False), None, None, "", 0.0))
        try:
            await self._redeemer.redeem(token, data, address)
        except Refusal as refusal:
            self.answers[refusal.reason] += 1
        else:
            self.answers["OK"] += 1


def issuer(folder: Path, clock: SetClock) -> TicketIssuer:
    """Signs tickets with keys in a folder, which it makes where there are none."""
    folder.mkdir(exist_ok=True)
    make_keys(folder, clock, algorithm="EdDSA")
    return TicketIssuer(SigningFile(signing_file(folder, "tickets"), clock), **PARTIES, clock=clock)


def _by_whom(event: AuditEvent) -> str:
    who = "an address" if event.user_id is None else event.user_id.rpartition("-")[0]
    return f"{who}: {event.event}"
