"""The detector: awards, replays and refusals in, findings and verdicts out. It knows neither clock nor database.

Every finding adds its weight to the user's suspicion, of which half is gone after a half-life. What an address does
never speaks against its users by itself: an office of two hundred has one address too.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from scorewire_server.detection.behaviour import Behaviour, Found, farm
from scorewire_server.detection.memory import Memory
from scorewire_server.detection.records import KNOWN_ADDRESSES, Address, Finding, Seen, User
from scorewire_server.detection.signals import FLAGGED, FORGED, LIMITED, MISMATCH, MOVED, REPLAY, Signal
from scorewire_server.tokens.origin import address_mark

Verdict = Literal["quarantine", "block"]
_REPLAYS = 3
"""In ten seconds: a client that lost its answer asks again once or twice."""
_LIMITED = 30
_REASONS = 6
"""Reasons of a verdict, the newest of each signal."""


class Thresholds(NamedTuple):
    """From which suspicion on there is a verdict; the half-life is in milliseconds.

    A signal that more than the share `common` of all users show, and more than `few`, says nothing about one of them:
    it is a fault of a client, or the nature of an action.
    """

    quarantine: float = 100.0
    block: float = 300.0
    half_life: float = 600_000.0
    common: float = 0.05
    few: int = 10
    users: int = 20_000
    addresses: int = 10_000
    per_second: float = 6.0


class Detector:
    """Judges users. `found` is told of each finding, `judged` of each verdict with its reasons; both must not wait."""

    def __init__(
        self,
        thresholds: Thresholds,
        found: Callable[[Finding], None],
        judged: Callable[[str, Verdict, str, int], None],
    ) -> None:
        self._thresholds = thresholds
        self._found = found
        self._judged = judged
        self._behaviour = Behaviour(thresholds.per_second)
        self._showing: Counter[str] = Counter()
        self._users: Memory[User] = Memory(thresholds.users, User, self._forgotten)
        self._addresses: Memory[Address] = Memory(thresholds.addresses, Address)

    def awarded(self, seen: Seen) -> None:
        """An award counts. One without an address is a service's own: nobody's hand."""
        if seen.address is None:
            return
        user, address = self._users.of(seen.user_id), self._addresses.of(seen.address)
        if _has_moved(seen, user) and user.tally(MOVED).add(seen.now, 1):
            self._add(seen, user, MOVED, "a ticket was redeemed from another address than its action's")
        for signal, why in self._behaviour.look(seen, user, address):
            self._add(seen, user, signal, why)
            if signal.machine:
                self._add_all(seen, user, farm(seen, user, address, self._thresholds.half_life))

    def replayed(self, seen: Seen) -> None:
        """A ticket that has counted was presented again."""
        user = self._users.of(seen.user_id)
        # Whoever stole it may be elsewhere, and must not frame its user.
        if not _is_elsewhere(seen) and user.tally(REPLAY).add(seen.now, _REPLAYS):
            self._add(seen, user, REPLAY, f"{user.tally(REPLAY).count} tickets that had counted came again within 10 s")

    def limited(self, seen: Seen, reason: str) -> None:
        """An award was refused by a cooldown, a cap, or for coming too soon after the sign-in."""
        user = self._users.of(seen.user_id)
        if seen.address and user.tally(LIMITED).add(seen.now, _LIMITED):
            self._add(
                seen,
                user,
                LIMITED,
                f"{user.tally(LIMITED).count} awards were refused within 10 s, the last for {reason}",
            )

    def mismatched(self, seen: Seen) -> None:
        """A ticket came with other action data than it was issued for."""
        user = self._users.of(seen.user_id)
        if not _is_elsewhere(seen) and user.tally(MISMATCH).add(seen.now, 1):
            times = user.tally(MISMATCH).count
            self._add(seen, user, MISMATCH, f"{times} of its tickets came with other action data within 10 s")

    def forged(self, address: str | None, reason: str, now: int) -> None:
        """A ticket came that nobody of ours has signed; whom it names does not matter, because anybody can write it."""
        if address is None:
            return
        record = self._addresses.of(address)
        if record.forged.add(now, 1):
            came = f"{record.forged.many('forged ticket')} came from this address within 10 s"
            why = f"{came}, the last is {reason}"
            suspicion = record.suspicion.add(FORGED.weight, now, self._thresholds.half_life)
            self._found(Finding(FORGED, now, why, FORGED.weight, address=address))
            self._flag(record, suspicion, address, now)

    def _flag(self, record: Address, suspicion: float, address: str, now: int) -> None:
        is_bad = suspicion >= self._thresholds.quarantine
        if is_bad and not record.flagged:
            why = f"suspicion {suspicion:.0f}: forged tickets again and again; its users are left alone"
            self._found(Finding(FLAGGED, now, why, 0.0, address=address))
        record.flagged = is_bad

    def recall(self, findings: Iterable[Finding]) -> None:
        """Takes in findings of before the start, oldest first, and judges nobody."""
        for finding in findings:
            if finding.user_id is not None:
                self._weigh(self._users.of(finding.user_id), finding)
            elif finding.address is not None:
                suspicion = self._addresses.of(finding.address).suspicion
                suspicion.add(finding.weight, finding.at, self._thresholds.half_life)

    def pardon(self, user_id: str) -> None:
        """Forgets what speaks against a user: the operator has released it."""
        user = self._users.find(user_id)
        if user:
            self._forgotten(user)
            fresh = User()
            user.suspicion, user.proof, user.reasons = fresh.suspicion, fresh.proof, fresh.reasons

    def suspicion(self, user_id: str, now: int) -> float:
        """How much speaks against a user."""
        user = self._users.find(user_id)
        return user.suspicion.value(now, self._thresholds.half_life) if user else 0.0

    def _add_all(self, seen: Seen, user: User, found: Iterable[Found]) -> None:
        for signal, why in found:
            self._add(seen, user, signal, why)

    def _add(self, seen: Seen, user: User, signal: Signal, why: str) -> None:
        weight = 0.0 if self._is_common(user, signal) else signal.weight
        finding = Finding(signal, seen.now, why, weight, seen.user_id, seen.address, seen.award_id)
        self._found(finding)
        if weight:
            self._weigh(user, finding)
            self._judge(seen, user)

    def _weigh(self, user: User, finding: Finding) -> None:
        half_life = self._thresholds.half_life
        user.suspicion.add(finding.weight, finding.at, half_life)
        if finding.signal.proof:
            user.proof.add(finding.weight, finding.at, half_life)
        user.reasons.pop(finding.signal.name, None)
        user.reasons[finding.signal.name] = finding.why  # at the end: the newest are told last

    def _judge(self, seen: Seen, user: User) -> None:
        half_life = self._thresholds.half_life
        suspicion = user.suspicion.value(seen.now, half_life)
        if suspicion < self._thresholds.quarantine:
            return
        # Statistics may be wrong about somebody, and what is refused is lost: it takes proof to block.
        verdict: Verdict = "block" if user.proof.value(seen.now, half_life) >= self._thresholds.block else "quarantine"
        self._judged(
            seen.user_id,
            verdict,
            f"suspicion {suspicion:.0f}: " + "; ".join(list(user.reasons.values())[-_REASONS:]),
            seen.now,
        )

    def _is_common(self, user: User, signal: Signal) -> bool:
        if signal.name not in user.shown:
            user.shown += (signal.name,)
            self._showing[signal.name] += 1
        return self._showing[signal.name] > max(self._thresholds.few, self._thresholds.common * len(self._users))

    def _forgotten(self, user: User) -> None:
        self._showing.subtract(user.shown)
        user.shown = ()


def _is_elsewhere(seen: Seen) -> bool:
    """Whether a ticket comes from another address than its action came from, as far as both are known."""
    if seen.mark is None or seen.address is None:
        return False
    return address_mark(seen.award_id, seen.address) != seen.mark


def _has_moved(seen: Seen, user: User) -> bool:
    """Whether a ticket is redeemed elsewhere, at an address that is new for its user.

    One that is not may be a second way of the user's, which its actions do not take: the address of an action is never
    known, if no ticket is redeemed from there. And a thief at one place brings nobody down.
    """
    assert seen.address  # noqa: S101 - the caller has looked
    is_known = seen.address in user.addresses
    if not is_known:
        user.addresses = (seen.address, *user.addresses)[:KNOWN_ADDRESSES]
    return not is_known and _is_elsewhere(seen)
