"""What the action server remembers of refusals: as long as they last, and no longer."""

from scorewire_server.action import holds as module
from scorewire_server.action.holds import Holds
from scorewire_server.errors import CapReached, Cooldown, ScoringRuleMissing
from tests.clocks import SetClock
from tests.entries import claim

FIVE_SECONDS = Cooldown("wait", actionType="dice.roll", notBefore="2027-01-15T08:00:05.000Z")


def test_a_hold_lasts_until_its_time():
    clock = SetClock()
    holds = Holds(clock)
    holds.learn(claim("ada"), FIVE_SECONDS)
    clock.forward(4)
    held = holds.find(claim("ada"))
    assert (type(held), held.retry_after, held.metadata) == (Cooldown, 1.0, FIVE_SECONDS.metadata)
    assert holds.find(claim("bob")) is holds.find(claim("ada", action_type="quiz.answer")) is None
    clock.forward(1)
    assert holds.find(claim("ada")) is None


def test_a_hold_is_believed_for_a_while_and_then_asked_for_again():
    clock = SetClock()
    holds = Holds(clock)
    holds.learn(claim("ada"), CapReached("enough", notBefore="2027-01-16T08:00:00.000Z"))
    clock.forward(module.BELIEVED_SECONDS - 1)
    assert holds.find(claim("ada")).retry_after == 86_400 - 299
    clock.forward(1)
    assert holds.find(claim("ada")) is None


def test_what_does_not_pass_holds_nobody():
    holds = Holds(SetClock())
    holds.learn(claim("ada"), ScoringRuleMissing("no rule"))
    holds.learn(claim("ada"), Cooldown("of a server that does not say until when"))
    assert holds.find(claim("ada")) is None


def test_memory_is_bounded_and_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    holds = Holds(SetClock())
    for user_id in ("ada", "bob", "eve"):
        holds.learn(claim(user_id), FIVE_SECONDS)
    assert [holds.find(claim(user_id)) is None for user_id in ("ada", "bob", "eve")] == [True, False, False]
