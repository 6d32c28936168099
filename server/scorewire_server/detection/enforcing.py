"""What follows from findings and verdicts: lines of the audit, and decisions in the ledger by the actor `detector`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self

import structlog
from prometheus_client import Counter

from scorewire_server.detection.detector import Verdict
from scorewire_server.detection.records import Finding
from scorewire_server.errors import Refusal, UserBlocked
from scorewire_server.storage.records import AuditEvent

log = structlog.get_logger()
ACTOR = "detector"
SIGNALS = Counter("scorewire_detection_signals", "Signals that have fired, by name.", ["signal"])
DECISIONS = Counter("scorewire_detection_decisions", "Users that the detector has decided about.", ["decision"])
_STRENGTH: dict[Verdict, int] = {"quarantine": 1, "block": 2}

Decide = Callable[[Verdict, str, str, str], Awaitable[object]]
"""Writes a decision about a user, with its reason and its actor."""


class Enforcer:
    """Notes findings, and carries out verdicts one after the other, each once. `note` and `found` never wait."""

    def __init__(self, note: Callable[[AuditEvent], None], decide: Decide) -> None:
        self._note = note
        self._decide = decide
        self._decided: dict[str, Verdict] = {}
        self._todo: asyncio.Queue[tuple[str, Verdict, str]] = asyncio.Queue()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Carries verdicts out while entered; those that are left at the end come again with more signals."""
        task = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])

    def found(self, finding: Finding) -> None:
        """A signal has fired."""
        SIGNALS.labels(finding.signal.name).inc()
        self._note(
            AuditEvent(
                event=finding.signal.name,
                why=finding.why,
                user_id=finding.user_id,
                actor=ACTOR,
                address=finding.address,
                weight=finding.weight,
                award_id=finding.award_id,
            )
        )

    def judged(self, user_id: str, verdict: Verdict, why: str, _: int) -> None:
        """There is a verdict, the same one perhaps again."""
        before = self._decided.get(user_id)
        if before is None or _STRENGTH[verdict] > _STRENGTH[before]:
            self._decided[user_id] = verdict
            self._todo.put_nowait((user_id, verdict, why))

    def forget(self, user_id: str) -> None:
        """A user is clear again, and may be judged anew."""
        self._decided.pop(user_id, None)

    async def settle(self) -> None:
        """Returns when every verdict until now has been carried out."""
        await self._todo.join()

    async def _run(self) -> None:
        while True:
            user_id, verdict, why = await self._todo.get()
            try:
                await self._carry_out(user_id, verdict, why)
            finally:
                self._todo.task_done()

    async def _carry_out(self, user_id: str, verdict: Verdict, why: str) -> None:
        try:
            await self._decide(verdict, user_id, why, ACTOR)
        except UserBlocked:
            return  # by somebody else, and that is more than we want
        except Refusal as passing:
            log.warning("verdict waits for the next signal", user=user_id, verdict=verdict, problem=passing.message)
            self.forget(user_id)
        except Exception as fault:
            log.exception("verdict failed", user=user_id, verdict=verdict, exc_info=fault)
            self.forget(user_id)
        else:
            DECISIONS.labels(verdict).inc()
            log.warning("user judged", user=user_id, verdict=verdict, why=why)
