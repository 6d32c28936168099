"""Detection through the real way of a ticket: who is quarantined, who is left alone, and what outlives a restart."""

import asyncio
import json
import sqlite3

import pytest

from scorewire.score.v1.score_pb2 import GetStandingRequest, UpdateScoreRequest
from tests.clocks import SetClock
from tests.refusals import outcome
from tests.simulation.play import play
from tests.simulation.world import World
from tests.waiting import until

HOME, OFFICE = "192.0.2.1", "203.0.113.1"


@pytest.fixture
def clock():
    return SetClock()


async def replays(world: World, user_id: str, times: int = 60) -> None:
    """One award, and its ticket again and again."""
    ticket = world.act(user_id, 5, HOME)
    for _ in range(times):
        await world.present(*ticket, HOME)
        await world.settle()
        world.clock.forward(0.15)


async def test_a_thousand_honest_users_and_twenty_cheaters(tmp_path):
    """The bars: at least 18 of 20 within a minute, and at most one honest user in a thousand."""
    outcome = await play(2026, tmp_path)
    assert outcome.cheaters_caught >= 18
    assert outcome.honest_caught <= 1
    assert outcome.of("honest").blocked == 0
    assert outcome.world.answers["OK"] > 20_000


async def test_a_replayer_is_quarantined_once_with_the_reason_and_not_shown(tmp_path, clock):
    async with World(tmp_path, clock).running() as world:
        await replays(world, "ada")
        await world.present(*world.act("bob", 3, HOME), HOME)
    assert world.answers["TICKET_ALREADY_REDEEMED"] > 20
    ((_, decision, why),) = world.verdicts["ada"]
    assert decision == "quarantine"
    assert why.startswith("suspicion 1")
    assert "tickets that had counted came again" in why
    assert world.shown == {"bob"}


@pytest.mark.parametrize("enabled", [True, False], ids=["on", "off"])
def test_detection_can_be_switched_off(start_score, tickets, enabled):
    server = start_score(detection={"enabled": enabled})
    data = json.dumps({"actionId": "1", "actionType": "dice.roll", "result": {"rolled": 3}})
    bearer = [("authorization", f"Bearer {tickets.issue('ada', None, data)}")]
    for _ in range(60):
        outcome(lambda: server.scores().UpdateScore(UpdateScoreRequest(data=data), metadata=bearer))
    if enabled:
        until(lambda: outcome(lambda: server.scores().GetStanding(GetStandingRequest(user_id="ada"))), "the quarantine")
    server.begin_to_stop()
    server.wait_stopped()  # what has been found is in the audit then
    with sqlite3.connect(server.settings.data_dir / "score.db") as database:
        events = {event for (event,) in database.execute("SELECT event FROM audit WHERE actor = 'detector'")}
    assert events == ({"ticket_replay", "quarantine"} if enabled else set())


def test_foul_tickets_are_in_the_audit_with_detection_off_too(start_score, tickets, clock):
    server, tickets._clock = start_score(clock, detection={"enabled": False}), clock
    data = json.dumps({"actionId": "1", "actionType": "dice.roll", "result": {"rolled": 3}})
    good = tickets.issue("ada", None, data)
    forged = good[:-8] + ("A" * 8 if good[-8:] != "A" * 8 else "B" * 8)

    def present(ticket: str, sent: str, address: str) -> None:
        metadata = [("authorization", f"Bearer {ticket}"), ("x-envoy-external-address", address)]
        outcome(lambda: server.scores("gateway").UpdateScore(UpdateScoreRequest(data=sent), metadata=metadata))

    for _ in range(9):
        present(forged, data, HOME)
    present(forged, data, OFFICE)
    present(good, data + " ", OFFICE)
    server.begin_to_stop()
    server.wait_stopped()
    with sqlite3.connect(server.settings.data_dir / "score.db") as database:
        noted = list(database.execute("SELECT event, user_id, address, actor, weight FROM audit ORDER BY id"))
        whys = [why.partition(" within")[0] for (why,) in database.execute("SELECT why FROM audit ORDER BY id")]
    assert noted == [
        *[("ticket_forged", None, HOME, None, None)] * 4,
        ("ticket_forged", None, OFFICE, None, None),
        ("ticket_mismatch", "ada", OFFICE, None, None),
    ]
    assert whys == [
        "1 forged ticket came from this address",
        *[f"{times} forged tickets came from this address" for times in (2, 4, 8)],
        "1 forged ticket came from this address",
        "1 ticket came with other action data from this address",
    ]


async def test_what_was_found_before_a_restart_counts_on(tmp_path, clock):
    async with World(tmp_path, clock).running() as before:
        await replays(before, "ada", 25)
    assert before.verdicts == {}
    async with World(tmp_path, clock).running() as after:
        clock.forward(10)
        await replays(after, "ada", 10)
    assert [verdict.decision for verdict in after.verdicts["ada"]] == ["quarantine"]


async def test_a_released_user_begins_anew_before_and_after_a_restart(tmp_path, clock):
    async with World(tmp_path, clock).running() as world:
        await replays(world, "ada")
        await world.settle()
        await world.decider.decide("release", "ada", "talked to her", "ops")
        await world.settle()
        clock.forward(10)
        await replays(world, "ada", 4)
    assert (len(world.verdicts["ada"]), world.shown) == (1, {"ada"})
    async with World(tmp_path, clock).running() as again:
        clock.forward(10)
        await replays(again, "ada", 4)
    assert (len(again.verdicts["ada"]), again.shown) == (1, {"ada"})


async def mismatches(world: World, user_id: str) -> None:
    """As many tickets with other data as a verdict takes."""
    for _ in range(4):
        ticket = world.act(user_id, 5, HOME)
        await world.present(ticket.token, ticket.data + " ", HOME)
    await world.settle()


async def test_a_verdict_of_before_a_release_is_not_carried_out_after_it(tmp_path, clock):
    """ada's waits behind bob's, and both behind a transaction, when the operator releases ada."""
    async with World(tmp_path, clock).running() as world:
        await world.decider.decide("quarantine", "ada", "looked like a bot", "ops")
        async with world.committer.between_transactions():
            await mismatches(world, "bob")
            await mismatches(world, "ada")
            released = asyncio.create_task(world.decider.decide("release", "ada", "talked to her", "ops"))
            await world.settle()
        assert (await released).changed
        assert await world.restricted() == {"bob": "quarantined"}
        clock.forward(10)
        await mismatches(world, "ada")
        assert await world.restricted() == {"ada": "quarantined", "bob": "quarantined"}
    assert [verdict.decision for verdict in world.verdicts["ada"]] == ["quarantine"], "for what she did since"


async def test_who_goes_on_after_an_operators_quarantine_is_blocked_all_the_same(tmp_path, clock):
    """The block is of before the quarantine, and so is not carried out; more of the same leads to another one."""
    async with World(tmp_path, clock).running() as world:
        async with world.committer.between_transactions():
            await mismatches(world, "bob")
            quarantined = asyncio.create_task(world.decider.decide("quarantine", "ada", "seen", "ops"))
            for _ in range(4):
                await mismatches(world, "ada")
                clock.forward(10)
        assert (await quarantined).changed
        assert await world.restricted() == {"ada": "quarantined", "bob": "quarantined"}
        await mismatches(world, "ada")
        assert await world.restricted() == {"ada": "blocked", "bob": "quarantined"}


async def test_a_verdict_of_after_a_release_counts_though_nothing_was_written_since_the_start(tmp_path, clock):
    async with World(tmp_path, clock).running() as before:
        await before.decider.decide("quarantine", "ada", "looked like a bot", "ops")
        await before.decider.decide("release", "ada", "talked to her", "ops")
    async with World(tmp_path, clock).running() as after:
        await mismatches(after, "ada")
        assert await after.restricted() == {"ada": "quarantined"}


async def test_who_forges_tickets_in_an_office_brings_nobody_there_into_trouble(tmp_path, clock):
    async with World(tmp_path, clock).running() as world:
        for turn in range(30):
            for number in range(0, 200, 20):
                honest = f"office-{number + turn % 20}"
                await world.present(*world.act(honest, 1 + (turn + number) % 9, OFFICE), OFFICE)
                forged = world.act(honest, 9, OFFICE)
                await world.present(world.forge(honest, forged.data), forged.data, OFFICE)
                clock.forward(0.05 + (number % 7) / 50)
    assert world.answers["TICKET_KEY_UNKNOWN"] == 300
    assert world.verdicts == {}
    assert world.findings["an address: address_flagged"] == 1


async def test_who_steals_tickets_frames_nobody(tmp_path, clock):
    """The thief presents tickets of ada's actions again and again, and with other data, from its own address."""
    async with World(tmp_path, clock).running() as world:
        for turn in range(30):
            stolen = world.act("ada", 5, HOME)
            await world.present(*stolen, HOME)
            await world.settle()
            for _ in range(5):
                await world.present(*stolen, OFFICE)
                await world.present(stolen.token, stolen.data + " ", OFFICE)
            clock.forward(1 + turn % 5 / 3)
    assert world.answers["TICKET_DATA_MISMATCH"] == 150
    assert world.verdicts == {}
