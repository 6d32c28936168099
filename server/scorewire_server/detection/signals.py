"""The signals: what each adds to a suspicion, and whether it is proof or statistics."""

from typing import NamedTuple

from scorewire_server.errors import TicketAlgorithmNotAllowed, TicketKeyUnknown, TicketSignatureInvalid

NOT_OURS = (TicketSignatureInvalid, TicketAlgorithmNotAllowed, TicketKeyUnknown)
"""What refuses a ticket that nobody of ours has signed."""


class Signal(NamedTuple):
    """Something that speaks against a user, or an address, and how much.

    `proof` is what no honest client does, whoever the user is. The rest is statistics, which may bring a user into
    quarantine but never block it. `machine` marks what a person's hand does not do.
    """

    name: str
    weight: float
    proof: bool = False
    machine: bool = False


MISMATCH = Signal("ticket_mismatch", 35, proof=True)
"""A ticket of the user's own with other action data than it was issued for."""
REPLAY = Signal("ticket_replay", 25, proof=True)
"""Tickets of the user's that have counted, again and again."""
MOVED = Signal("ticket_moved", 8)
"""A ticket redeemed from another address than its action's, and one that is new for the user."""
LIMITED = Signal("rule_refusals", 20)
"""More awards refused by cooldowns and caps than a person asks for."""
FAST = Signal("velocity_population", 35, machine=True)
"""Many times as many awards as the population's busy users have."""
FASTER = Signal("velocity_own", 15)
"""Many times as many awards as the user itself is used to have."""
BOUND = Signal("always_bound", 35, machine=True)
"""The most points that the rule allows, again and again, as even skilled users do not have them."""
REGULAR = Signal("regular_intervals", 25, machine=True)
"""Intervals between awards that are more equal than a hand makes them."""
LOCKSTEP = Signal("lockstep", 20, machine=True)
"""Awards that follow those of the same other user of the address, after the same time."""
FARM = Signal("shared_address", 30)
"""An address with several users that act like machines, and this is one of them."""
FORGED = Signal("ticket_forged", 25, proof=True)
"""Tickets that nobody of ours has signed. They speak against the address alone: they may name anybody."""
FLAGGED = Signal("address_flagged", 0)
"""So much speaks against an address that an operator should look at it. It does nothing to its users."""

SIGNALS = {
    signal.name: signal
    for signal in (MISMATCH, REPLAY, MOVED, LIMITED, FAST, FASTER, BOUND, REGULAR, LOCKSTEP, FARM, FORGED, FLAGGED)
}
