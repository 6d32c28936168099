"""Where detection is off: foul tickets are in the audit all the same, and nobody is judged."""

from collections.abc import Callable
from typing import Final

from scorewire_server.clock import Clock
from scorewire_server.detection.memory import Memory, Tally
from scorewire_server.detection.signals import FORGED, MISMATCH, NOT_OURS
from scorewire_server.errors import Refusal, TicketDataMismatch
from scorewire_server.storage.records import AuditEvent
from scorewire_server.tokens.tickets import VerifiedTicket

_UNKNOWN: Final = "an address that is not known"


class Witness:
    """Notes refused tickets, by address: one, and then at each doubling within ten seconds.

    At most `addresses` are remembered.
    """

    def __init__(self, note: Callable[[AuditEvent], None], addresses: int, clock: Clock) -> None:
        self._note = note
        self._clock = clock
        self._forged: Memory[Tally] = Memory(addresses, Tally)
        self._mismatched: Memory[Tally] = Memory(addresses, Tally)

    def refused(self, refusal: Refusal, address: str | None, ticket: VerifiedTicket | None) -> None:
        """A ticket was refused before it came to an award; `ticket` is what it has proven until then."""
        now = int(self._clock() * 1000)
        if isinstance(refusal, TicketDataMismatch) and ticket:
            tally = self._mismatched.of(address or _UNKNOWN)
            if tally.add(now, 1):
                why = f"{tally.many('ticket')} came with other action data from this address within 10 s"
                self._note(AuditEvent(MISMATCH.name, why, ticket.user_id, address=address, award_id=ticket.award_id))
        elif isinstance(refusal, NOT_OURS):
            tally = self._forged.of(address or _UNKNOWN)
            if tally.add(now, 1):
                came = f"{tally.many('forged ticket')} came from this address within 10 s"
                why = f"{came}, the last is {refusal.reason}"
                self._note(AuditEvent(FORGED.name, why, address=address))
