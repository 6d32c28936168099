"""What an action led to, as the journal keeps it: the action data, a refusal, or that it was interrupted."""

import orjson

from scorewire_server.action.handlers import Handler, Outcome, Refused
from scorewire_server.storage.journal.records import Entry, Stage
from scorewire_server.tokens.fingerprint import fingerprint

LONGEST = 65_536
"""Bytes; UpdateScore takes no more."""
_MOST_POINTS = 2**31 - 1


class HandlerFault(Exception):
    """A handler answered what no handler may answer; the message names it, for the log."""


def done(handler: Handler, claim: Entry, outcome: Outcome) -> Entry:
    """The claimed action with its outcome as action data: the one JSON string that its award is tied to.

    Raises HandlerFault.
    """
    if not isinstance(outcome, Outcome):
        raise HandlerFault(f"{handler.name} answered {type(outcome).__name__} instead of an Outcome")
    if type(outcome.points) is not int or abs(outcome.points) > _MOST_POINTS:  # a bool is an int too
        raise HandlerFault(f"{handler.name} answered points that are no 32-bit integer: {outcome.points!r}")
    members = {"actionId": claim.action_id, "actionType": claim.action_type, "result": outcome.result}
    data = _encoded(handler, members)
    return claim._replace(
        stage=Stage.ENDED, ending="done", data=data, points=outcome.points, award_id=fingerprint(data)
    )


def refused(handler: Handler, claim: Entry, refusal: Refused) -> Entry:
    """The claimed action with the handler's refusal. Raises HandlerFault."""
    data = _encoded(handler, {"reason": refusal.reason, "message": refusal.message})
    return claim._replace(stage=Stage.ENDED, ending="refused", data=data)


def interrupted(claim: Entry) -> Entry:
    """The claimed action as one that did not come to its end."""
    return claim._replace(stage=Stage.ENDED, ending="interrupted")


def _encoded(handler: Handler, data: dict[str, object]) -> str:
    try:
        encoded = orjson.dumps(data)
    except orjson.JSONEncodeError as problem:
        raise HandlerFault(f"{handler.name} answered a result that is no JSON value: {problem}") from problem
    if len(encoded) > LONGEST:
        raise HandlerFault(f"{handler.name} answered a result of {len(encoded)} bytes; at most {LONGEST} are taken")
    return encoded.decode()
