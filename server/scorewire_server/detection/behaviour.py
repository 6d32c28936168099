"""The statistics: what a user's awards look like beside its own earlier ones, its address's, and everybody's."""

from collections.abc import Iterator
from math import sqrt

from scorewire_server.detection.crowd import Crowd
from scorewire_server.detection.habits import BLOCK
from scorewire_server.detection.memory import Tally
from scorewire_server.detection.records import TYPES, Address, Habits, Seen, User
from scorewire_server.detection.signals import BOUND, FARM, FAST, FASTER, LOCKSTEP, REGULAR, Signal

Found = tuple[Signal, str]
"""A signal and its reason."""

_BUSY_TIMES = 4
"""How many times the pace of the population's busy users (the 95th of 100) is too fast."""
_OWN_TIMES = 8
_OWN_WINDOWS = 30
"""Windows with awards before a user has a pace of its own."""
_SHARE = 0.1
_LEAST_SKILL, _MOST_SKILL = 0.75, 0.95
_STREAK, _EVERY = 8, 4
_ALIKE_MS = 250
"""Gaps that differ by less, and by less than a fifth, are the same."""
_FAR_MS = 30_000
_MACHINES = 3
"""Users of an address that act like machines before that speaks against each of them."""
_MACHINES_REMEMBERED = 64


class Behaviour:
    """Looks at awards that count. `per_second` is the pace, over ten seconds, that is never too fast."""

    def __init__(self, per_second: float) -> None:
        self._never_too_fast = per_second * Tally.WINDOW_MS / 1000
        self._pace = Crowd(0.95, enough=300, unknown=0.0)
        self._skill: dict[str, Crowd] = {}

    def look(self, seen: Seen, user: User, address: Address) -> Iterator[Found]:
        """The signals that an award makes fire."""
        yield from self._velocity(seen, user)
        yield from _lockstep(seen, user, address)
        if seen.bound is None:
            return
        habits = user.habits.get(seen.action_type)
        if habits is None:
            if len(user.habits) >= TYPES:
                return
            habits = user.habits[seen.action_type] = Habits()
        yield from _regular(seen, habits)
        yield from self._bound(seen, seen.bound, habits)

    def _velocity(self, seen: Seen, user: User) -> Iterator[Found]:
        before = user.counts.count
        is_first = seen.at // Tally.WINDOW_MS > user.counts.window
        if is_first and before:
            self._pace.add(before)
            user.windows += 1
            user.own_pace += max(_SHARE, 1 / user.windows) * (before - user.own_pace)
        limit = max(self._never_too_fast, _BUSY_TIMES * self._pace.usual)
        if user.counts.add(seen.at, limit):
            yield FAST, f"{user.counts.count} awards in 10 s, where busy users have {self._pace.usual:.0f} at most"
        own = max(_OWN_TIMES * user.own_pace, self._never_too_fast / 2)
        if user.windows >= _OWN_WINDOWS and before < own <= user.counts.count:
            yield FASTER, f"{user.counts.count} awards in 10 s, where this user has had {user.own_pace:.1f}"

    def _bound(self, seen: Seen, hit: bool, habits: Habits) -> Iterator[Found]:
        crowd = self._skill.get(seen.action_type)
        if crowd is None:
            crowd = self._skill[seen.action_type] = Crowd(0.01, enough=100, unknown=BLOCK)
        hits = habits.boundness.block(hit=hit)
        if hits is not None:
            crowd.add(BLOCK - hits)
        skilled = _skilled(crowd.usual)
        streak = habits.boundness.add(hit=hit, skilled=skilled)
        if streak:
            yield (
                BOUND,
                (
                    f"the most points of {seen.action_type} in {streak.at_most} of {streak.awards} awards, "
                    f"where skilled users have them in {skilled:.0%}"
                ),
            )


def _skilled(misses: float) -> float:
    """How often the most skilled hit, whose best 16 awards of a hundred times 16 had so many misses."""
    best = 1 - misses / BLOCK
    # The best of many tries are luck too: by one standard deviation.
    return min(max(best - sqrt(best * (1 - best) / BLOCK), _LEAST_SKILL), _MOST_SKILL)


def _regular(seen: Seen, habits: Habits) -> Iterator[Found]:
    spread = habits.regularity.add(seen.at)
    if spread is not None:
        yield (
            REGULAR,
            f"an award of {seen.action_type} each {habits.regularity.seconds:.2f} s, give or take {spread:.1%}",
        )


def _lockstep(seen: Seen, user: User, address: Address) -> Iterator[Found]:
    leader, gap = address.last_user, seen.at - address.last_at
    if gap < 0:
        return  # delivered late
    address.last_user, address.last_at = seen.user_id, seen.at
    behind = user.behind
    if leader == seen.user_id:
        return
    is_same = leader == behind.leader and abs(gap - behind.gap) <= min(_ALIKE_MS, behind.gap / 5 + 20)
    behind.times = behind.times + 1 if is_same and gap < _FAR_MS else 0
    behind.leader, behind.gap = leader, gap
    if behind.times >= _STREAK and behind.times % _EVERY == 0:
        yield LOCKSTEP, f"{behind.times} awards in a row came {gap / 1000:.2f} s after those of {leader}"


def farm(seen: Seen, user: User, address: Address, half_life: float) -> Iterator[Found]:
    """The signal of a user that has just acted like a machine, at an address where others do too."""
    address.machines.pop(seen.user_id, None)
    address.machines[seen.user_id] = seen.now  # at the end: the oldest are at the front
    while address.machines and (
        len(address.machines) > _MACHINES_REMEMBERED or next(iter(address.machines.values())) < seen.now - half_life
    ):
        del address.machines[next(iter(address.machines))]
    if len(address.machines) >= _MACHINES and seen.now - user.farmed_at > Tally.WINDOW_MS:
        user.farmed_at = seen.now
        yield FARM, f"{len(address.machines)} users of this address act like machines, and this is one of them"
