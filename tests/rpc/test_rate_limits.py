"""Limits at the real servers: by user, by address and by service, exactly, and without a trace of what was refused."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    GetStandingRequest,
    UpdateScoreRequest,
    WatchLeaderboardRequest,
)
from scorewire_server.rpc.allow import SettingsMistake
from scorewire_server.tokens.tickets import TicketIssuer
from tests.awards import check_ledger
from tests.clocks import SetClock
from tests.pair import Actions, prepare, running_actions, session
from tests.pair import refusal as refused_call
from tests.refusals import outcome, refusal
from tests.running import RunningServer
from tests.waiting import until

SCORES = "scorewire.score.v1.ScoreService"
INTERNAL = "scorewire.score.v1.ScoreInternalService"
LEADERBOARD = f"{SCORES}/GetLeaderboard"
HOME, ELSEWHERE = "192.0.2.1", "203.0.113.1"
APART = [("grpc.use_local_subchannel_pool", 1)]


def issued(tickets: TicketIssuer, user_id: str) -> tuple[UpdateScoreRequest, list[tuple[str, str]]]:
    data = json.dumps({"actionId": uuid4().hex, "actionType": "quiz.answer", "result": None})
    return UpdateScoreRequest(data=data), [("authorization", f"Bearer {tickets.issue(user_id, None, data)}")]


def redeem(server: RunningServer, ticket: tuple[UpdateScoreRequest, list[tuple[str, str]]], address: str = HOME):
    metadata = [*ticket[1], ("x-envoy-external-address", address)]
    return server.scores("gateway").UpdateScore(ticket[0], metadata=metadata)


def reasons(server: RunningServer, ticket: tuple[UpdateScoreRequest, list[tuple[str, str]]], address: str, times: int):
    """What presenting a ticket so often comes to, from an address."""
    outcomes = [outcome(lambda: redeem(server, ticket, address)) for _ in range(times)]
    return Counter(told.reason if told else "counted" for told in outcomes)


def read(server: RunningServer, address: str, identity: str = "gateway"):
    metadata = [("x-envoy-external-address", address)]
    return server.scores(identity).GetLeaderboard(GetLeaderboardRequest(), metadata=metadata)


def test_a_ticket_refused_by_the_limit_is_not_redeemed(start_score, keys, tickets):
    clock = SetClock()
    tickets._clock = clock
    server = start_score(clock, limits={f"{SCORES}/UpdateScore": "2/5 seconds"})
    first, second, third = (issued(tickets, "ada") for _ in range(3))
    redeem(server, first)
    clock.forward(1)
    redeem(server, second)
    told = refusal(lambda: redeem(server, third))
    assert (told.code, told.reason) == ("RESOURCE_EXHAUSTED", "RATE_LIMITED")
    assert told.metadata == {"limit": "2", "window": "5", "method": f"{SCORES}/UpdateScore"}
    assert told.retry_after == pytest.approx(4)
    redeem(server, issued(tickets, "bob"))
    assert len(check_ledger(f"sqlite:///{server.settings.data_dir}/score.db")) == 3
    clock.forward(4)
    assert redeem(server, third).score == 30


def test_only_who_is_proven_uses_up_the_room_of_a_user(start_score, tickets):
    server = start_score(limits={f"{SCORES}/UpdateScore": "1/hour"})
    request, metadata = issued(tickets, "ada")
    forged = [("authorization", metadata[0][1][:-8] + "AAAAAAAA")]
    for _ in range(3):
        told = refusal(lambda: redeem(server, (request, forged)))
        assert told.reason == "TICKET_SIGNATURE_INVALID"
    assert redeem(server, (request, metadata)).score == 10


def test_whoever_repeats_a_stolen_ticket_uses_up_nothing_of_its_user(start_score, tickets):
    server = start_score(limits={f"{SCORES}/UpdateScore": "3/hour"})
    stolen = issued(tickets, "ada")
    redeem(server, stolen)
    told = reasons(server, stolen, ELSEWHERE, 10)
    assert told == {"TICKET_ALREADY_REDEEMED": 3, "RATE_LIMITED": 7}, "and the flood is refused before the ledger"
    assert outcome(lambda: redeem(server, stolen)).metadata["score"] == "10", "its user may ask again"
    assert reasons(server, issued(tickets, "ada"), HOME, 2) == {"counted": 1, "TICKET_ALREADY_REDEEMED": 1}
    redeem(server, issued(tickets, "ada"), ELSEWHERE)  # where the thief is, others have their room
    assert reasons(server, issued(tickets, "ada"), HOME, 2) == {"RATE_LIMITED": 2}
    assert reasons(server, issued(tickets, "bob"), ELSEWHERE, 2) == {"counted": 1, "TICKET_ALREADY_REDEEMED": 1}
    assert len(check_ledger(f"sqlite:///{server.settings.data_dir}/score.db")) == 4


def test_whoever_changes_the_data_of_a_stolen_ticket_uses_up_its_own_room_alone(start_score, tickets):
    server = start_score(limits={f"{SCORES}/UpdateScore": "3/hour"})
    stolen = issued(tickets, "ada")
    changed = UpdateScoreRequest(data=stolen[0].data + " "), stolen[1]
    assert reasons(server, changed, ELSEWHERE, 10) == {"TICKET_DATA_MISMATCH": 3, "RATE_LIMITED": 7}
    assert redeem(server, stolen).score == 10
    assert [redeem(server, issued(tickets, "ada")).score for _ in range(2)] == [20, 30]


def test_a_burst_of_tickets_from_many_connections_is_held_to_the_limit_of_their_user_exactly(start_score, tickets):
    server = start_score(limits={f"{SCORES}/UpdateScore": "50/hour"}, detection={"enabled": False})
    stubs = [server.scores("gateway", APART) for _ in range(8)]
    many = [issued(tickets, "ada") for _ in range(200)]

    def call(number: int) -> str:
        request, metadata = many[number]
        address = ("x-envoy-external-address", f"192.0.2.{number % 8}")
        told = outcome(lambda: stubs[number % 8].UpdateScore(request, metadata=[*metadata, address]))
        return told.reason if told else "counted"

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(call, range(200))) == {"counted": 50, "RATE_LIMITED": 150}
    assert len(check_ledger(f"sqlite:///{server.settings.data_dir}/score.db")) == 50


def test_a_ticket_repeated_at_once_over_many_connections_takes_its_users_room_once(start_score, tickets):
    server = start_score(limits={f"{SCORES}/UpdateScore": "20/hour"})
    stubs, ticket = [server.scores("gateway", APART) for _ in range(8)], issued(tickets, "ada")

    def call(number: int) -> str:
        metadata = [*ticket[1], ("x-envoy-external-address", ELSEWHERE)]
        told = outcome(lambda: stubs[number % 8].UpdateScore(ticket[0], metadata=metadata))
        return told.reason if told else "counted"

    with ThreadPoolExecutor(16) as pool:
        told = Counter(pool.map(call, range(200)))
    assert told == {"counted": 1, "TICKET_ALREADY_REDEEMED": 20, "RATE_LIMITED": 179}
    more = [issued(tickets, "ada") for _ in range(20)]
    assert Counter(reasons(server, each, HOME, 1).popitem()[0] for each in more) == {"counted": 19, "RATE_LIMITED": 1}


def test_reads_are_counted_by_the_address_that_the_gateway_says(start_score):
    server = start_score(limits={LEADERBOARD: "2/hour"})
    read(server, "192.0.2.7")
    read(server, "192.0.2.7")
    assert refusal(lambda: read(server, "192.0.2.7")).reason == "RATE_LIMITED"
    read(server, "192.0.2.8")


def test_services_that_call_by_themselves_are_not_held_to_it_and_cannot_name_an_address(start_score):
    server = start_score(limits={LEADERBOARD: "1/hour"})
    for _ in range(5):
        read(server, "192.0.2.7", "ops")
    read(server, "192.0.2.7")
    assert refusal(lambda: read(server, "192.0.2.7")).reason == "RATE_LIMITED"


def test_who_floods_does_not_learn_what_is_wrong_with_a_request(start_score):
    server = start_score(limits={f"{SCORES}/GetStanding": "1/hour"})
    ask, metadata = server.scores("gateway").GetStanding, [("x-envoy-external-address", "192.0.2.7")]
    wrong = GetStandingRequest(user_id="no user id")
    assert refusal(lambda: ask(wrong, metadata=metadata)).reason == "INVALID_FIELD"
    assert refusal(lambda: ask(wrong, metadata=metadata)).reason == "RATE_LIMITED"


def test_backends_have_no_limit_but_what_the_operator_sets(start_score):
    server = start_score(limits={f"{INTERNAL}/ApplyScore": "3/hour"})
    award = ApplyScoreRequest(user_id="ada", points=1)
    as_ops, as_action = server.internal("ops"), server.internal("action")
    told = [outcome(lambda: as_ops.ApplyScore(award)) for _ in range(5)]
    assert [each and each.reason for each in told] == [None, None, None, "RATE_LIMITED", "RATE_LIMITED"]
    assert as_action.ApplyScore(award).score == 4


def test_a_burst_from_many_connections_is_held_to_the_limit_exactly(start_score):
    server = start_score(limits={LEADERBOARD: "50/hour"})
    stubs = [server.scores("gateway", APART) for _ in range(8)]
    metadata = [("x-envoy-external-address", "192.0.2.7")]

    def call(number: int) -> str | None:
        told = outcome(lambda: stubs[number % 8].GetLeaderboard(GetLeaderboardRequest(), metadata=metadata))
        return told.reason if told else None

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(call, range(400)))
    assert (outcomes.count(None), outcomes.count("RATE_LIMITED")) == (50, 350)


def test_a_flood_is_not_a_flood_of_lines_in_the_log(start_score):
    server = start_score(limits={LEADERBOARD: "1/hour"})
    with capture_logs() as lines:
        for _ in range(20):
            outcome(lambda: read(server, "192.0.2.7"))
    assert [line["event"] for line in lines if line.get("log_level") == "warning"] == ["rate limited"]


async def test_actions_are_counted_by_user(tmp_path, certs):
    limits = {"scorewire.action.v1.ActionService/DoAction": "2/minute"}
    settings, clock = prepare(tmp_path, certs, action={"limits": limits, "default_delivery": "ticket"}), SetClock()
    async with running_actions(settings, clock, score_port=1) as server:
        for _ in range(2):
            await act(server, session(settings, clock))
        told = await refused_call(act(server, session(settings, clock)))
        assert (told.reason, told.retry_after) == ("RATE_LIMITED", pytest.approx(60))
        await act(server, session(settings, clock, sub="bob"))
        clock.forward(59)
        assert (await refused_call(act(server, session(settings, clock)))).reason == "RATE_LIMITED"
        clock.forward(1)
        await act(server, session(settings, clock))


async def act(server: Actions, token: str) -> object:
    return await server.do(token, "dice.roll")


def test_a_limit_that_is_none_stops_the_start(start_score):
    with pytest.raises(SettingsMistake, match="is no limit"):
        start_score(limits={LEADERBOARD: "many"})


def test_open_watches_of_an_address_are_bounded_and_a_place_is_free_when_one_ends(start_score):
    server = start_score(max_watches_per_address=2)

    def watch(address: str, identity: str = "gateway"):
        metadata = [("x-envoy-external-address", address)]
        return server.scores(identity).WatchLeaderboard(WatchLeaderboardRequest(), metadata=metadata)

    held = [watch("2001:db8::1"), watch("2001:db8::2")]  # one network
    for each in held:
        next(each)
    told = refusal(lambda: next(watch("2001:db8::3")))
    assert (told.code, told.reason, told.retry_after) == ("RESOURCE_EXHAUSTED", "TOO_MANY_WATCHES", 5.0)
    elsewhere = [watch("2001:db8:0:1::1"), watch("192.0.2.7"), *(watch("2001:db8::3", "ops") for _ in range(3))]
    for each in elsewhere:
        next(each)
    held[0].cancel()
    until(lambda: outcome(lambda: next(watch("2001:db8::3"))) is None, "the place of a watch that has ended")
