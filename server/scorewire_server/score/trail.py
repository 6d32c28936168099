"""The audit trail: whatever is noted is written to the audit table soon, in batches, and nobody waits for it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple, Self

import structlog
from prometheus_client import Counter

from scorewire_server.clock import Clock
from scorewire_server.detection.signals import SIGNALS
from scorewire_server.errors import StorageUnavailable, UserBlocked
from scorewire_server.storage.audit import AuditLog
from scorewire_server.storage.records import AuditEvent
from scorewire_server.storage.trouble import Trouble

log = structlog.get_logger()
EVENTS = Counter("scorewire_audit_events", "Events noted in the audit, by event.", ["event"])
for _event in (UserBlocked.reason, *SIGNALS):
    EVENTS.labels(_event)
DROPPED = Counter("scorewire_audit_dropped", "Events that the audit had no room for.")

Turn = Callable[[], AbstractAsyncContextManager[None]]
WRITE_SECONDS = 0.5
"""How long an event may wait for others to be written with."""
PRUNE_SECONDS = 3600.0
"""How often what is too old is deleted."""
PRUNE_BATCH = 2_000
_BATCH = 500
_LINE = 300
"""The longest `why`, in characters."""


class Keeping(NamedTuple):
    """At most `queue` events wait to be written; what is no decision is kept for `days`."""

    queue: int
    days: int


class AuditTrail:
    """Takes events at any time, and writes them between two transactions of awards."""

    def __init__(self, audit: AuditLog, turn: Turn, clock: Clock, keeping: Keeping) -> None:
        self._audit = audit
        self._turn = turn
        self._clock = clock
        self._keeping = keeping
        self._waiting: deque[AuditEvent] = deque()
        self._dropped = 0
        self._work = asyncio.Event()
        self._writing = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit")
        self._trouble = Trouble("the database", "audit events")

    def note(self, event: AuditEvent) -> None:
        """Notes an event, now by the clock; never waits. Where too many wait it is dropped, and counted."""
        if len(self._waiting) >= self._keeping.queue:
            self._drop()
            return
        self._waiting.append(event._replace(at=int(self._clock() * 1000), why=_line(event.why)))
        EVENTS.labels(event.event).inc()
        self._work.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Writes while entered; what waits at the end is written before it is left."""
        tasks = [asyncio.create_task(work) for work in (self._run(), self._prune())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await self._write_waiting()
            self._thread.shutdown()

    def _drop(self) -> None:
        if not self._dropped:
            log.error("the audit is full: events are dropped", waiting=len(self._waiting))
        self._dropped += 1
        DROPPED.inc()

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            await asyncio.sleep(WRITE_SECONDS)  # others follow, and one transaction takes them all
            self._work.clear()
            await asyncio.shield(self._write_waiting())

    async def _prune(self) -> None:
        while True:
            before = int((self._clock() - self._keeping.days * 86_400) * 1000)
            try:
                # Awards have their turn in between, however much there is to delete.
                while await self._prune_some(before) == PRUNE_BATCH:
                    pass
            except StorageUnavailable as failure:
                log.warning("the audit was not pruned", problem=failure.message)
            await asyncio.sleep(PRUNE_SECONDS)

    async def _prune_some(self, before: int) -> object:
        async with self._turn():
            return await asyncio.shield(self._in_thread(self._audit.prune, before, PRUNE_BATCH))

    async def _write_waiting(self) -> None:
        async with self._writing:  # at the end, what is under way comes first
            await self._write_all()

    async def _write_all(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _BATCH))]
            try:
                async with self._turn():
                    await self._in_thread(self._audit.write, batch)
            except Exception as failure:  # noqa: BLE001 - whatever it was, they are tried again with the next
                self._trouble.begun(failure)
                self._waiting.extendleft(reversed(batch))
                self._work.set()
                return
            self._trouble.over()
        if self._dropped:
            log.error("events were dropped from the audit", count=self._dropped)
            self._dropped = 0

    def _in_thread(self, work: Callable[..., object], *arguments: Any) -> "asyncio.Future[object]":
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


def _line(text: str) -> str:
    visible = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(visible.split())[:_LINE]
