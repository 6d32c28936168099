"""What follows from findings and verdicts: lines of the audit, and decisions in the ledger by the actor `detector`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol, Self

import structlog
from cachetools import LRUCache
from prometheus_client import Counter

from scorewire_server.detection import signals
from scorewire_server.detection.detector import Verdict
from scorewire_server.detection.records import Finding
from scorewire_server.errors import Refusal, UserBlocked
from scorewire_server.storage.decisions import STATES
from scorewire_server.storage.records import AuditEvent, Restriction

log = structlog.get_logger()
ACTOR = "detector"
SIGNALS = Counter("scorewire_detection_signals", "Signals that have fired, by name.", ["signal"])
DECISIONS = Counter("scorewire_detection_decisions", "Users that the detector has decided about.", ["decision"])
_STRENGTH: dict[Verdict, int] = {"quarantine": 1, "block": 2}
for _name in signals.SIGNALS:
    SIGNALS.labels(_name)
for _verdict in _STRENGTH:
    DECISIONS.labels(_verdict)


class Decided(Protocol):
    """How a user stands after a decision, and whether the decision has changed it."""

    @property
    def restriction(self) -> Restriction:
        """How the user stands."""

    @property
    def changed(self) -> bool:
        """Whether it is by this decision."""


Decide = Callable[[Verdict, str, str, str, int], Awaitable[Decided]]
"""Writes a decision about a user, with its reason, its actor, and the position of the ledger that it knows."""


class _Judged(NamedTuple):
    user_id: str
    verdict: Verdict
    why: str
    as_of: int


class Enforcer:
    """Notes findings, and carries out verdicts one after the other, each once. `note` and `found` never wait.

    `position` is that of the newest row of the ledger that the detector knows. Until a verdict is written an operator
    may decide about the user: then the verdict is of before that, and is not carried out. `most` verdicts may wait, and
    as many are remembered: one on top comes again with the next signal, and one that was forgotten changes nothing.
    """

    def __init__(self, note: Callable[[AuditEvent], None], decide: Decide, position: int, most: int) -> None:
        self.position = position
        self._note = note
        self._decide = decide
        self._decided: LRUCache[str, Verdict] = LRUCache(most)
        self._todo: asyncio.Queue[_Judged] = asyncio.Queue(most)

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
        if (before is None or _STRENGTH[verdict] > _STRENGTH[before]) and not self._todo.full():
            self._decided[user_id] = verdict
            self._todo.put_nowait(_Judged(user_id, verdict, why, self.position))

    def forget(self, user_id: str) -> None:
        """A user is clear again, and may be judged anew."""
        self._decided.pop(user_id, None)

    async def settle(self) -> None:
        """Returns when every verdict until now has been carried out."""
        await self._todo.join()

    async def _run(self) -> None:
        while True:
            judged = await self._todo.get()
            try:
                await self._carry_out(judged)
            finally:
                self._todo.task_done()

    async def _carry_out(self, judged: _Judged) -> None:
        user_id, verdict, why, as_of = judged
        try:
            decided = await self._decide(verdict, user_id, why, ACTOR, as_of)
        except UserBlocked:
            return  # by somebody else, and that is more than we want
        except Refusal as passing:
            log.warning("verdict waits for the next signal", user=user_id, verdict=verdict, problem=passing.message)
            self.forget(user_id)
        except Exception as fault:
            log.exception("verdict failed", user=user_id, verdict=verdict, exc_info=fault)
            self.forget(user_id)
        else:
            if decided.changed:
                DECISIONS.labels(verdict).inc()
                log.warning("user judged", user=user_id, verdict=verdict, why=why)
            elif decided.restriction.state != STATES[verdict]:
                self.forget(user_id)  # an operator has decided since; what comes from now on is judged anew
