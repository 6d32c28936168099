"""What is said of every action when it has ended: a log line, and a count."""

from collections.abc import Mapping

import orjson
import structlog
from prometheus_client import Counter

from scorewire_server.storage.journal.records import Delivery, Entry

log = structlog.get_logger("action")
ACTIONS = Counter(
    "scorewire_actions",
    "Actions by outcome: earned, nothing, refused, failed; or repeated, where the journal answered.",
    ["action_type", "outcome", "delivery"],
)
OUTCOMES = ("earned", "nothing", "refused", "failed", "repeated")


def expect(deliveries: Mapping[str, Delivery]) -> None:
    """Begins to count at 0, for each action type with the way of its awards."""
    for action_type, delivery in deliveries.items():
        for outcome in OUTCOMES:
            ACTIONS.labels(action_type, outcome, delivery)


def report(entry: Entry, *, repeated: bool) -> None:
    """Counts and logs one action."""
    outcome = "repeated" if repeated else _outcome(entry)
    ACTIONS.labels(entry.action_type, outcome, entry.delivery).inc()
    log.info(
        "action",
        action_type=entry.action_type,
        user=entry.user_id,
        outcome=outcome,
        refusal=orjson.loads(entry.data)["reason"] if entry.ending == "refused" else None,
        delivery=entry.delivery,
        action_id=entry.action_id,
        award_id=entry.award_id,
        points=entry.points,
    )


def _outcome(entry: Entry) -> str:
    if entry.ending == "done":
        return "earned" if entry.points else "nothing"
    return "refused" if entry.ending == "refused" else "failed"
