"""Which tickets have come with their action data before: each takes room of its user's limit once, whoever sends it."""

from cachetools import TTLCache

from scorewire_server.clock import Clock
from scorewire_server.rpc.call import Call
from scorewire_server.tokens.keys import LIFETIME
from scorewire_server.tokens.tickets import VerifiedTicket

MOST = 50_000
"""Tickets that are remembered. One that was forgotten too early counts against its user again."""


class Presented:
    """The tickets of the last seconds, longer than any is good; `tolerance` is how many seconds clocks may differ."""

    def __init__(self, tolerance: float, clock: Clock) -> None:
        self._before: TTLCache[str, None] = TTLCache(MOST, LIFETIME + tolerance + 1, timer=clock)

    def count(self, call: Call, ticket: VerifiedTicket) -> None:
        """Counts a call that brings a ticket with its data, against its user the first time. Raises RateLimited."""
        if ticket.award_id in self._before:
            call.waste(ticket.user_id)
        else:
            call.prove(ticket.user_id)
            self._before[ticket.award_id] = None
