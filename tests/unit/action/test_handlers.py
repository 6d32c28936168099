"""What handlers are written with."""

import pytest

from scorewire_server.action import ActionCall, Outcome, Refused, User, action
from tests.clocks import SetClock

CALL = ActionCall(User("ada", "Ada"), {"side": "heads"}, SetClock())


async def test_a_handler_does_what_its_function_does():
    @action("coin.flip")
    async def flip(call: ActionCall) -> Outcome:
        return Outcome(call.input, points=int(call.clock()))

    assert flip.action_type == "coin.flip"
    assert flip.name.endswith("flip")
    assert await flip(CALL) == Outcome({"side": "heads"}, points=1_800_000_000)


@pytest.mark.parametrize("action_type", ["", "Coin", "coin flip", "coin..flip", ".coin", "x" * 65, "coin\n"])
def test_a_type_that_no_request_could_name_is_a_mistake(action_type):
    with pytest.raises(ValueError, match="no action type"):
        action(action_type)


def test_a_function_that_is_not_async_is_a_mistake():
    with pytest.raises(TypeError, match=r"coin\.flip is not an async function"):

        @action("coin.flip")
        def flip(call):
            return Outcome(None, 0)


@pytest.mark.parametrize("reason", ["", "too late", "_LATE", "X" * 64])
def test_a_refusals_reason_is_one_word(reason):
    with pytest.raises(ValueError, match="LIKE_THIS"):
        Refused(reason, "no")
