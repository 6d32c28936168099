"""The address that detection goes by is the one the gateway has seen, whatever a client says of itself."""

import sqlite3

import httpx
import pytest

from tests.e2e.players import Player, bearer, reason
from tests.stack import Stack
from tests.waiting import until

SPOOFED = "203.0.113.9"
SAID = {"x-forwarded-for": SPOOFED, "x-envoy-external-address": SPOOFED, "x-real-ip": SPOOFED}


def noted(stack: Stack, user_id: str) -> list[tuple[str, str, str]]:
    """Event, actor and address of what the audit has of a user."""
    with sqlite3.connect(stack.folder / "score.db") as database:
        asked = "SELECT event, actor, address FROM audit WHERE user_id = ? ORDER BY id"
        return database.execute(asked, (user_id,)).fetchall()


@pytest.mark.parametrize("said", [{}, SAID], ids=["nothing", "another one"])
def test_a_client_has_the_address_that_it_calls_from(stack: Stack, player: Player, said: dict[str, str]) -> None:
    """A ticket is bound to the action's address: only at the same one do replays speak against its user."""
    done = player.answer_quiz().json()
    redeem = {"json": {"data": done["result"]}, "headers": bearer(done["token"]) | said}
    assert player.rest.post("/api/score/update", **redeem).status_code == httpx.codes.OK
    for _ in range(3):
        assert reason(player.rest.post("/api/score/update", **redeem)) == "TICKET_ALREADY_REDEEMED"
    assert until(lambda: noted(stack, player.user_id), "a line of the audit") == [
        ("ticket_replay", "detector", "127.0.0.1")
    ]
