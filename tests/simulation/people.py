"""Who takes part: how often each acts, from where, and how well. Everything comes from one seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Literal

MOST = 10
"""The points of a perfect level."""
SECONDS = 60.0
Kind = Literal["honest", "replayer", "forger", "fast clicker", "bot farm", "grinder at the bound"]
CHEATERS: tuple[Kind, ...] = ("replayer", "forger", "fast clicker", "bot farm", "grinder at the bound")
Pauses = Callable[[], Iterator[float]]
"""The seconds before each action."""


@dataclass(frozen=True)
class Person:
    """One user, honest or not. `skill` is how often a level is perfect; `forgetful` how often an answer is lost."""

    user_id: str
    kind: Kind
    address: str
    pauses: Pauses
    random: Random
    skill: float = 0.1
    forgetful: float = 0.0
    roaming: float = 0.0

    def points(self) -> int:
        """What the next level earns."""
        if self.random.random() < self.skill:
            return MOST
        return self.random.randint(1, MOST - 1)


def people(seed: int, honest: int = 1000, each: int = 4) -> list[Person]:
    """All who take part; `each` of every kind of cheater."""
    random = Random(seed)
    return [*_honest(random, honest), *_cheaters(random, each)]


def _honest(random: Random, count: int) -> Iterator[Person]:
    for number in range(count):
        own = Random(random.random())
        yield Person(
            f"honest-{number}",
            "honest",
            _address(own, number, count),
            _habit(own),
            own,
            skill=own.uniform(0.6, 0.75) if number % 20 == 0 else own.uniform(0.02, 0.3),
            forgetful=0.05 if number % 10 == 0 else 0.0,
            roaming=0.02 if number % 8 == 0 else 0.0,
        )


def _habit(random: Random) -> Pauses:
    """Most think, some are quick, some come in bursts, and a few tap as a hand does that has rhythm."""
    habits: list[Pauses] = [
        partial(_thinking, random, 6.0),
        partial(_thinking, random, 2.5),
        partial(_quick, random),
        partial(_bursts, random),
        partial(_steady, random),
    ]
    return random.choices(habits, [54, 25, 12, 8, 1])[0]


def _address(random: Random, number: int, count: int) -> str:
    """A fifth sits in one office, behind one address; others share a mobile network's, or a home."""
    if number < count * 0.2:
        return OFFICE
    if number < count * 0.3:
        return f"198.51.100.{number % 2}"
    if number < count * 0.5:
        return f"10.1.{number // 3 % 250}.1"
    return f"10.{random.randrange(2, 250)}.{number % 250}.{random.randrange(250)}"


OFFICE = "203.0.113.1"


def _cheaters(random: Random, each: int) -> Iterator[Person]:
    for kind in CHEATERS:
        for number in range(each):
            own = Random(random.random())
            # One forger and one fast clicker sit in the office, among two hundred honest users.
            in_office = number == 0 and kind in ("forger", "fast clicker")
            address = (
                OFFICE
                if in_office
                else FARM
                if kind == "bot farm"
                else f"192.0.2.{CHEATERS.index(kind) * each + number}"
            )
            yield Person(
                f"{kind.replace(' ', '-')}-{number}",
                kind,
                address,
                _paces(kind, own, number),
                own,
                skill=1.0 if kind == CHEATERS[-1] else 0.15,
            )


FARM = "192.0.2.200"


def _paces(kind: Kind, random: Random, number: int) -> Pauses:
    if kind == "fast clicker":
        return partial(_clicking, random, random.uniform(9, 20))
    if kind == "bot farm":
        return partial(_in_turn, random, number)
    return partial(_thinking, random, {"replayer": 2.0, "forger": 3.0}.get(kind, random.uniform(1.1, 1.6)))


def _thinking(random: Random, seconds: float) -> Iterator[float]:
    yield random.uniform(0, seconds)
    while True:
        yield max(random.lognormvariate(0, 0.6) * seconds * 0.83, 0.15)


def _quick(random: Random) -> Iterator[float]:
    pace = random.uniform(0.35, 0.9)
    while True:
        yield max(random.gauss(pace, pace * 0.2), 0.12)


def _bursts(random: Random) -> Iterator[float]:
    pace = random.uniform(0.14, 0.4)
    while True:
        yield random.uniform(3, 20)
        for _ in range(random.randint(5, 30)):
            yield max(random.gauss(pace, pace * 0.2), 0.08)


def _steady(random: Random) -> Iterator[float]:
    pace = random.uniform(0.6, 1.5)
    while True:
        yield random.gauss(pace, pace * 0.06)


def _clicking(random: Random, per_second: float) -> Iterator[float]:
    while True:
        yield random.expovariate(per_second)


def _in_turn(random: Random, number: int) -> Iterator[float]:
    """A script with four accounts, which acts with one after the other."""
    yield 0.6 * number
    while True:
        yield 2.4 + random.uniform(-0.12, 0.12)
