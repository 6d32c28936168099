"""Lets everybody act for a minute, in the order of simulated time."""

import heapq
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.clocks import SetClock
from tests.simulation.people import CHEATERS, MOST, SECONDS, Person, people
from tests.simulation.world import World

Deed = tuple[float, Callable[[World], Iterator[tuple[str, str, str]]]]
"""When, and what is presented: token, data, address."""


class Caught(NamedTuple):
    """How many users there were, after how many seconds some were quarantined, and how many of those were blocked."""

    users: int
    seconds: list[float]
    blocked: int


class Outcome(NamedTuple):
    """Who took part, and what became of them."""

    people: list[Person]
    world: World

    def of(self, kind: str) -> "Caught":
        """Those of a kind."""
        users = [person.user_id for person in self.people if person.kind == kind]
        verdicts = [self.world.verdicts[user] for user in users if user in self.world.verdicts]
        blocked = sum(decided[-1].decision == "block" for decided in verdicts)
        return Caught(len(users), sorted(decided[0].seconds for decided in verdicts), blocked)

    @property
    def cheaters_caught(self) -> int:
        """Of all kinds."""
        return sum(len(self.of(kind).seconds) for kind in CHEATERS)

    @property
    def honest_caught(self) -> int:
        """Who should not be."""
        return len(self.of("honest").seconds)


async def play(seed: int, folder: Path) -> Outcome:
    """One minute."""
    clock = SetClock()
    taking_part = people(seed)
    async with World(folder, clock).running() as world:
        for when, deed in _in_order(taking_part):
            clock.now = world.start + when
            for token, data, address in deed(world):
                await world.present(token, data, address)
        await world.settle()
    return Outcome(taking_part, world)


def _in_order(taking_part: list[Person]) -> Iterator[Deed]:
    return heapq.merge(*[_deeds(person) for person in taking_part], key=lambda deed: deed[0])


def _deeds(person: Person) -> Iterator[Deed]:
    if person.kind == "replayer":
        return _merged(person, _replays)
    if person.kind == "forger":
        return _merged(person, _forgeries)
    return _merged(person, _repeats)


def _merged(person: Person, after: Callable[[Person, "Memory"], Iterator[tuple[float, Callable]]]) -> Iterator[Deed]:
    now, later = 0.0, []
    for number, pause in enumerate(person.pauses()):
        now += pause
        while later and later[0][0] < now:
            yield later[0][0], heapq.heappop(later)[2]
        if now >= SECONDS:
            break
        memory = Memory()
        yield now, _acting(person, memory)
        for position, (delay, deed) in enumerate(after(person, memory)):
            if now + delay < SECONDS:
                heapq.heappush(later, (now + delay, number * 1000 + position, deed))


class Memory:
    """The ticket of one action, once there is one."""

    token = ""
    data = ""
    address = ""


def _acting(person: Person, memory: Memory) -> Callable[[World], Iterator[tuple[str, str, str]]]:
    def deed(world: World) -> Iterator[tuple[str, str, str]]:
        acted_from = person.address
        memory.token, memory.data = world.act(person.user_id, person.points(), acted_from)
        moved = person.random.random() < person.roaming
        memory.address = f"100.64.{person.random.randrange(250)}.1" if moved else acted_from
        if person.kind != "forger" or person.random.random() < 0.3:
            yield memory.token, memory.data, memory.address

    return deed


def _again(memory: Memory) -> Callable[[World], Iterator[tuple[str, str, str]]]:
    return lambda _: iter([(memory.token, memory.data, memory.address)])


def _repeats(person: Person, memory: Memory) -> Iterator[tuple[float, Callable]]:
    if person.random.random() < person.forgetful:
        yield 1.0, _again(memory)


def _replays(person: Person, memory: Memory) -> Iterator[tuple[float, Callable]]:
    for number in range(person.random.randint(4, 12)):
        yield 0.2 + 0.7 * number, _again(memory)


def _forgeries(person: Person, memory: Memory) -> Iterator[tuple[float, Callable]]:
    def better(_: World) -> Iterator[tuple[str, str, str]]:
        """The own ticket, with better data."""
        points = memory.data[memory.data.rindex(":") :]
        yield memory.token, memory.data.replace(points, f": {MOST}}}}} "), person.address

    def forged(world: World) -> Iterator[tuple[str, str, str]]:
        """A ticket of one's own making, in the name of oneself or of somebody else."""
        victim = person.user_id if person.random.random() < 0.5 else f"honest-{person.random.randrange(1000)}"
        yield world.forge(victim, memory.data), memory.data, person.address

    for number in range(person.random.randint(1, 4)):
        yield 0.3 + 0.4 * number, better if person.random.random() < 0.4 else forged
