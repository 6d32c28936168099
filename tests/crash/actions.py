"""Actions that earn what they are told to, and leave a line in a file each time they run."""

import os
from collections import Counter
from pathlib import Path

from scorewire_server.action import ActionCall, Outcome, action

RUNS_FILE = "CRASH_RUNS_FILE"
"""The variable of the environment that names the file."""
INTERNAL, BY_TICKET = "crash.earn", "crash.prove"
DELIVERY = {INTERNAL: "internal", BY_TICKET: "ticket"}
RULES = """
default_board = "main"
[boards.main]
[boards.second]
[direct]
minimum = -100
maximum = 100
boards = ["main"]
[actions."crash.earn"]
points = { field = "points" }
minimum = -5
maximum = 10
boards = ["second", "main"]
[actions."crash.prove"]
points = { field = "points" }
minimum = -5
maximum = 10
boards = ["main"]
"""


async def _earn(call: ActionCall) -> Outcome:
    _leave_a_line(f"{call.user.id} {call.input['id']}")
    return Outcome({"points": call.input["points"]}, points=call.input["points"])


def _leave_a_line(line: str) -> None:
    with Path(os.environ[RUNS_FILE]).open("a") as file:
        file.write(f"{line}\n")


earn = action(INTERNAL)(_earn)
prove = action(BY_TICKET)(_earn)


def runs(file: Path) -> Counter[tuple[str, str]]:
    """How often each action has run, by user and request id."""
    lines = file.read_text().splitlines() if file.exists() else []
    return Counter((user, request_id) for user, request_id in map(str.split, lines))
