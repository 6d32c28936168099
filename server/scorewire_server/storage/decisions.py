"""What a decision makes of a user, and which decisions say nothing new: the one place that says it."""

from collections.abc import Mapping

from scorewire_server.errors import Refusal, UserBlocked
from scorewire_server.storage.records import Kind, State

STATES: Mapping[str, State] = {
    "quarantine": "quarantined",
    "release": "clear",
    "block": "blocked",
    "unblock": "clear",
}
"""By decision, the state that it leads to."""

DECIDED = frozenset({*STATES, "adjustment", "void"})
"""What is somebody's decision, with a reason, and in the audit."""


def is_redundant(state: State, kind: Kind) -> bool:
    """Whether a row is a decision that a user in this state has no need of."""
    return state == STATES.get(kind) or (state, kind) == ("quarantined", "unblock")


def refusal(state: State, user_id: str, kind: Kind) -> Refusal | None:
    """Why a row about a user in this state is not taken; `None` where it is."""
    if state != "blocked":
        return None
    if kind in ("ticket", "internal"):
        return UserBlocked(f"{user_id} is blocked, so nothing was awarded; only an operator unblocks", userId=user_id)
    if kind in ("quarantine", "release"):
        return UserBlocked(f"{user_id} is blocked, which goes beyond quarantine; unblock it first", userId=user_id)
    return None
