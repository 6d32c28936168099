"""`dice.roll`: luck, which is the server's."""

import secrets

from scorewire_server.action.handlers import ActionCall, Outcome, action

SIDES = 6


@action("dice.roll")
async def roll(_: ActionCall) -> Outcome:
    """Rolls a die and earns what it shows: `{"rolled": 1-6}`. The input is not looked at: nobody can ask for a six."""
    rolled = secrets.randbelow(SIDES) + 1
    return Outcome({"rolled": rolled}, points=rolled)
