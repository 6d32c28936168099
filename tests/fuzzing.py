"""How much hostile input is made: a fixed, small number of examples by default, as many as asked for by `make fuzz`."""

import json
import os
from typing import Any

from hypothesis import HealthCheck, settings

ASKED = os.environ.get("FUZZ_EXAMPLES")


def examples(count: int) -> Any:
    """Settings for that many examples, always the same ones; `FUZZ_EXAMPLES` asks for another number, at random."""
    return settings(
        max_examples=int(ASKED) if ASKED else count,
        derandomize=not ASKED,
        database=None,
        deadline=None,
        print_blob=True,
        # Examples come through a server, and fixtures are shared by all of them on purpose.
        suppress_health_check=list(HealthCheck),
    )


def without_limits() -> dict[str, str]:
    """The environment of servers that are sent more than their limits would take, where more is asked for."""
    if not ASKED:
        return {}
    reads = ("GetLeaderboard", "GetStanding", "ListStandings", "WatchLeaderboard", "UpdateScore")
    score = {f"scorewire.score.v1.ScoreService/{name}": "none" for name in reads}
    score["scorewire.score.v1.ScoreEventService/WatchLeaderboardEvents"] = "none"
    action = {
        "scorewire.action.v1.ActionService/DoAction": "none",
        "scorewire.session.v1.SessionService/SignInAsGuest": "none",
    }
    return {"SCOREWIRE_SCORE__LIMITS": json.dumps(score), "SCOREWIRE_ACTION__LIMITS": json.dumps(action)}
