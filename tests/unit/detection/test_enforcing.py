"""Verdicts wait for the ledger, so many at most, and none is lost by that."""

from typing import NamedTuple

from scorewire_server.detection.enforcing import Enforcer
from scorewire_server.storage.decisions import STATES
from scorewire_server.storage.records import Restriction

MOST = 2


class Decided(NamedTuple):
    restriction: Restriction
    changed: bool


class Office:
    """Writes down who was decided about."""

    def __init__(self) -> None:
        self.users: list[str] = []

    async def decide(self, verdict, user_id, why, actor, as_of) -> Decided:
        self.users.append(user_id)
        return Decided(Restriction(user_id, STATES[verdict], 0, why), changed=self.users.count(user_id) == 1)


def judged(enforcer: Enforcer, *users: str) -> None:
    for user in users:
        enforcer.judged(user, "quarantine", "too fast", 0)


async def test_a_verdict_on_top_of_those_that_wait_comes_with_the_next_signal() -> None:
    office = Office()
    enforcer = Enforcer(lambda _: None, office.decide, 0, MOST)
    judged(enforcer, "ada", "ada", "bob", "eve")
    async with enforcer.running():
        await enforcer.settle()
        assert office.users == ["ada", "bob"]
        judged(enforcer, "bob", "eve")
        await enforcer.settle()
    assert office.users == ["ada", "bob", "eve"]


async def test_no_more_verdicts_are_remembered_than_users() -> None:
    office = Office()
    async with Enforcer(lambda _: None, office.decide, 0, MOST).running() as enforcer:
        for user in ("ada", "bob", "eve", "eve", "ada"):
            judged(enforcer, user)
            await enforcer.settle()
    assert office.users == ["ada", "bob", "eve", "ada"]
