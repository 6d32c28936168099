"""Entries of the journal, as actions make them."""

from typing import Any
from uuid import uuid4

import orjson

from scorewire_server.storage.journal.records import Entry, Stage
from scorewire_server.tokens.fingerprint import fingerprint

NOW = 1_800_000_000_000


def claim(user_id: str = "ada", request_id: str | None = None, **others: Any) -> Entry:
    """An action that somebody begins, delivered internally."""
    values = {
        "request_id": request_id or uuid4().hex,
        "action_type": "dice.roll",
        "input_hash": fingerprint("null"),
        "action_id": uuid4().hex[:22],
        "display_name": None,
        "delivery": "internal",
        "claimed_at": NOW,
    }
    values |= others
    return Entry(user_id, **({"told_at": values["claimed_at"]} | values))


def done(entry: Entry, points: int = 3, due: int | None = NOW, **others: Any) -> Entry:
    """The action when it has earned points."""
    data = orjson.dumps({"actionId": entry.action_id, "actionType": entry.action_type, "result": points}).decode()
    ended = {"ending": "done", "data": data, "points": points, "award_id": fingerprint(data), "due": due}
    return entry._replace(stage=Stage.ENDED, **(ended | others))


def delivered(entry: Entry, score: int = 3) -> Entry:
    """The action when its award counts."""
    return entry._replace(stage=Stage.SETTLED, due=None, score=score)
