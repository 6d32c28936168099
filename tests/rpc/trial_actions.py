"""Actions as an operator might write them, good and bad."""

import asyncio
from collections import Counter
from typing import Any

from scorewire_server.action import ActionCall, Outcome, Refused, action

RULES = """
default_board = "main"
[boards.main]
[actions."trial.earn"]
points = { field = "points" }
minimum = -10
maximum = 10
boards = ["main"]
[actions."trial.gate"]
points = { field = "points" }
minimum = -10
maximum = 10
boards = ["main"]
[actions."trial.ticket"]
points = { field = "points" }
minimum = 1
maximum = 10
boards = ["main"]
[actions."dice.roll"]
points = { field = "rolled" }
minimum = 1
maximum = 6
boards = ["main"]
[actions."quiz.answer"]
points = 10
boards = ["main"]
"""


RUNS: Counter[tuple[str, Any]] = Counter()
"""How often a handler ran, by its user and input."""
GATE = asyncio.Event()
"""What `trial.gate` waits for."""


@action("trial.earn")
async def earn(call: ActionCall) -> Outcome:
    """Earns what it is told to."""
    RUNS[call.user.id, call.input] += 1
    return Outcome({"points": call.input}, points=call.input)


@action("trial.ticket")
async def ticket(call: ActionCall) -> Outcome:
    """Earns a ticket for what it is told to."""
    return Outcome({"points": call.input}, points=1)


@action("trial.gate")
async def gate(call: ActionCall) -> Outcome:
    """Earns what it is told to when the gate opens."""
    RUNS[call.user.id, call.input] += 1
    await GATE.wait()
    return Outcome({"points": call.input}, points=call.input)


@action("trial.unruled")
async def unruled(_: ActionCall) -> Outcome:
    """Has no scoring rule."""
    return Outcome(None, points=1)


@action("trial.echo")
async def echo(call: ActionCall) -> Outcome:
    """Answers what the handler was told."""
    return Outcome({"id": call.user.id, "name": call.user.display_name, "input": call.input, "now": call.clock()}, 0)


@action("trial.refuse")
async def refuse(call: ActionCall) -> Outcome:
    """Refuses."""
    RUNS[call.user.id, call.input] += 1
    raise Refused("NOT_TODAY", "come back tomorrow")


@action("trial.fail")
async def fail(call: ActionCall) -> Outcome:
    """Fails with something that nobody outside may read."""
    RUNS[call.user.id, call.input] += 1
    raise RuntimeError("the password is swordfish")


@action("trial.set")
async def no_json(_: ActionCall) -> Outcome:
    """Answers what is no JSON."""
    return Outcome({1, 2}, points=1)


@action("trial.stuck")
async def stuck(_: ActionCall) -> Outcome:
    """Never ends."""
    await asyncio.Event().wait()
    raise AssertionError
