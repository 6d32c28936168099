"""What every award goes through on its way into the ledger and onto the boards."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from scorewire_server.clock import Clock
from scorewire_server.detection.guard import Guard
from scorewire_server.detection.watching import Desk, watching
from scorewire_server.detection.witness import Witness
from scorewire_server.score.awards import Awards
from scorewire_server.score.committer import Committer
from scorewire_server.score.decider import Decider
from scorewire_server.score.rules import Rules
from scorewire_server.score.scoreboard import Scoreboard
from scorewire_server.score.trail import AuditTrail, Keeping
from scorewire_server.settings import ScoreSettings
from scorewire_server.storage.audit import AuditLog
from scorewire_server.storage.database import Database
from scorewire_server.storage.group_commit import Bounds
from scorewire_server.storage.ledger import Ledger


@dataclass(frozen=True, slots=True)
class WritePath:
    """Where awards and decisions are given in, where they end, and who is told of tickets that are refused."""

    awards: Awards
    decider: Decider
    committer: Committer
    ledger: Ledger
    scoreboard: Scoreboard
    guard: Guard | Witness


@asynccontextmanager
async def write_path(database: Database, rules: Rules, score: ScoreSettings, clock: Clock) -> AsyncIterator[WritePath]:
    """Takes awards while entered, with what watches them; the scoreboard is empty at first."""
    ledger, audit = Ledger(database), AuditLog(database)
    interval = score.watch_min_interval_seconds
    scoreboard = Scoreboard(rules.board_ids(), rules.default_board, ledger.database_id(), interval)
    bounds = Bounds(score.commit_queue, score.commit_batch, score.commit_wait_seconds)
    keeping = Keeping(score.audit_queue, score.audit_days)
    async with AsyncExitStack() as stack:
        committer = await stack.enter_async_context(Committer(ledger, scoreboard, bounds).running())
        trail = AuditTrail(audit, committer.between_transactions, clock, keeping)
        await stack.enter_async_context(trail.running())
        decider = Decider(committer, clock)
        if score.detection.enabled:
            desk = Desk(trail.note, decider.decide, audit.suspicions, ledger.position())
            committer.guard = await stack.enter_async_context(watching(score.detection, rules, clock, desk))
        guard = committer.guard or Witness(trail.note, score.detection.addresses, clock)
        awards = Awards(committer, scoreboard, trail.note)
        yield WritePath(awards, decider, committer, ledger, scoreboard, guard)
