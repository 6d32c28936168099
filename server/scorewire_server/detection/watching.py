"""Detection put together: what it remembers of before the start, and how it starts and ends."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

from scorewire_server.clock import Clock
from scorewire_server.detection.detector import Detector, Thresholds
from scorewire_server.detection.enforcing import Decide, Enforcer
from scorewire_server.detection.guard import Guard
from scorewire_server.detection.records import Finding
from scorewire_server.detection.signals import SIGNALS
from scorewire_server.score.rules import Rules
from scorewire_server.settings import DetectionSettings
from scorewire_server.storage.records import AuditEvent

MEMORY_HALF_LIVES = 6
"""How far back the audit is read at the start; of older suspicions 1/64 would be left."""
_CLEARING = ("release", "unblock")


class Desk(NamedTuple):
    """What detection works with.

    Noting in the audit, deciding, what the audit has since a time (milliseconds), and the ledger's position.
    """

    note: Callable[[AuditEvent], None]
    decide: Decide
    suspicions: Callable[[int], Iterable[AuditEvent]]
    position: int


@asynccontextmanager
async def watching(settings: DetectionSettings, rules: Rules, clock: Clock, desk: Desk) -> AsyncIterator[Guard]:
    """A guard that watches while entered, and knows what was found before the start. Raises StorageUnavailable."""
    enforcer = Enforcer(desk.note, desk.decide, desk.position, settings.users)
    detector = Detector(thresholds(settings), enforcer.found, enforcer.judged)
    recall(detector, desk.suspicions(int((clock() - MEMORY_HALF_LIVES * settings.half_life_seconds) * 1000)))
    async with enforcer.running():
        yield Guard(detector, enforcer, rules.maxima(), clock)


def recall(detector: Detector, events: Iterable[AuditEvent]) -> None:
    """Tells the detector what the audit has, oldest first."""
    for event in events:
        signal = SIGNALS.get(event.event)
        if signal and event.weight:
            finding = Finding(signal, event.at, event.why, event.weight, event.user_id, event.address, event.award_id)
            detector.recall([finding])
        elif event.event in _CLEARING and event.user_id is not None:
            detector.pardon(event.user_id)


def thresholds(settings: DetectionSettings) -> Thresholds:
    """The settings as the detector takes them."""
    return Thresholds(
        quarantine=settings.quarantine_at,
        block=settings.block_at,
        half_life=settings.half_life_seconds * 1000,
        common=settings.common_share,
        users=settings.users,
        addresses=settings.addresses,
        per_second=settings.unsuspicious_per_second,
    )
