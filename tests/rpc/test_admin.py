"""What an operator does, through real calls on both databases: decide, correct, and look at what was."""

import json
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from scorewire.score.v1 import decisions_pb2
from scorewire.score.v1.decisions_pb2 import (
    AdjustScoreRequest,
    BlockUserRequest,
    QuarantineUserRequest,
    ReleaseUserRequest,
    UnblockUserRequest,
    VoidAwardRequest,
)
from scorewire.score.v1.history_pb2 import GetUserHistoryRequest, ListAuditEventsRequest
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    GetStandingRequest,
    ListStandingsRequest,
    UpdateScoreRequest,
    WatchLeaderboardRequest,
)
from scorewire_server.tokens.fingerprint import fingerprint
from tests.awards import check_ledger
from tests.refusals import outcome, refusal
from tests.replay import still
from tests.running import RunningServer
from tests.waiting import until

REASON = "clicks like a machine"


@pytest.fixture
def server(start_score, database_url, tmp_path, clock) -> RunningServer:
    """With ada, bob and eve level at 5 points on main, in that order; each award has the user's name as its id."""
    url_file = tmp_path / "url"
    url_file.write_text(database_url.render_as_string(hide_password=False))
    started = start_score(clock, database_url_file=url_file)
    for user in ("ada", "bob", "eve"):
        give(started, user, 5, award_id=user)
    return started


def give(server: RunningServer, user: str, points: int, **others: Any) -> Any:
    return server.internal("action").ApplyScore(ApplyScoreRequest(user_id=user, points=points, **others))


def redeem(server: RunningServer, ticket: str, data: str) -> Any:
    bearer = [("authorization", f"Bearer {ticket}")]
    return server.scores().UpdateScore(UpdateScoreRequest(data=data), metadata=bearer)


def shown(server: RunningServer) -> list[tuple[int, str, int]]:
    board = server.scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard
    assert board.total_users == len(board.standings)
    return [(each.rank, each.user_id, each.score) for each in board.standings]


def quarantine(server: RunningServer, user: str = "bob", **others: Any) -> Any:
    return server.admin().QuarantineUser(QuarantineUserRequest(user_id=user, reason=REASON, **others))


def release(server: RunningServer, user: str = "bob") -> Any:
    return server.admin().ReleaseUser(ReleaseUserRequest(user_id=user, reason="was a human"))


def events(server: RunningServer, **wanted: Any) -> list[tuple[str, str, str, str]]:
    listed = server.admin().ListAuditEvents(ListAuditEventsRequest(**wanted)).events
    return [(each.event, each.user_id, each.actor, each.why) for each in listed]


def test_a_quarantined_user_is_nowhere_and_comes_back_to_the_same_place(server):
    before = shown(server)
    answer = quarantine(server)
    assert (answer.changed, answer.restriction.state, answer.restriction.position) == (
        *(True, decisions_pb2.USER_STATE_QUARANTINED, 4),
    )
    assert shown(server) == [(1, "ada", 5), (2, "eve", 5)]
    refused = refusal(lambda: server.scores().GetStanding(GetStandingRequest(user_id="bob")))
    assert refused.reason == "STANDING_NOT_FOUND"
    assert server.scores().ListStandings(ListStandingsRequest()).total_users == 2
    assert release(server).restriction.state == decisions_pb2.USER_STATE_CLEAR
    assert shown(server) == before
    assert server.scores().GetStanding(GetStandingRequest(user_id="bob")).standing.rank == 2


def test_awards_in_quarantine_count_and_show_after_the_release(server, database_url):
    quarantine(server)
    answer = give(server, "bob", 2)
    assert (answer.score, answer.rank) == (7, 0)
    release(server)
    assert shown(server) == [(1, "bob", 7), (2, "ada", 5), (3, "eve", 5)]
    assert [award.quarantined for award in check_ledger(database_url)] == [0, 0, 0, 0, 1, 1]


def test_watchers_see_both_at_once(server):
    boards = server.scores().WatchLeaderboard(WatchLeaderboardRequest(whole_boards=True))
    first = next(boards).leaderboard
    quarantine(server)
    without = next(boards).leaderboard
    release(server)
    again = next(boards).leaderboard
    assert [each.total_users for each in (first, without, again)] == [3, 2, 3]
    assert [each.revision for each in (first, without, again)] == [3, 4, 5]
    assert still(again).standings == first.standings
    boards.cancel()


def test_a_page_token_of_a_user_who_is_hidden_now_goes_on_behind_it(server):
    page = server.scores().ListStandings(ListStandingsRequest(page_size=2))
    assert [each.user_id for each in page.standings] == ["ada", "bob"]
    quarantine(server)
    rest = server.scores().ListStandings(ListStandingsRequest(page_token=page.next_page_token))
    assert [each.user_id for each in rest.standings] == ["eve"]


def test_a_blocked_user_earns_nothing_until_it_is_unblocked(server, database_url):
    blocked = server.admin().BlockUser(BlockUserRequest(user_id="bob", reason=REASON))
    assert blocked.restriction.state == decisions_pb2.USER_STATE_BLOCKED
    assert shown(server) == [(1, "ada", 5), (2, "eve", 5)]
    assert refusal(lambda: give(server, "bob", 1)).reason == "USER_BLOCKED"
    assert give(server, "bob", 5, award_id="bob").score == 5, "what has counted is answered"
    for call in (lambda: quarantine(server), lambda: release(server)):
        assert refusal(call).reason == "USER_BLOCKED"
    server.admin().UnblockUser(UnblockUserRequest(user_id="bob", reason="was another one"))
    assert shown(server)[1] == (2, "bob", 5)
    assert give(server, "bob", 1).score == 6
    check_ledger(database_url)


def test_repeated_decisions_record_nothing(server, database_url):
    first = quarantine(server)
    again = quarantine(server)
    assert (again.changed, again.restriction) == (False, first.restriction)
    assert not server.admin().UnblockUser(UnblockUserRequest(user_id="bob", reason="x")).changed
    assert not release(server, "ada").changed
    assert len(check_ledger(database_url)) == 4


def test_a_void_takes_an_award_back_once(server, database_url):
    answer = server.admin().VoidAward(VoidAwardRequest(award_id="bob", reason=REASON, operator="grace")).correction
    assert (answer.user_id, answer.points, answer.score, answer.rank, answer.revision) == ("bob", -5, 0, 3, 4)
    refused = refusal(lambda: server.admin().VoidAward(VoidAwardRequest(award_id="bob", reason="again")))
    assert (refused.code, refused.reason) == ("ALREADY_EXISTS", "AWARD_ALREADY_VOIDED")
    assert refused.metadata == {"revision": "4", "score": "0", "reason": REASON}
    again = give(server, "bob", 5, award_id="bob")
    assert (again.voided, again.score_increase, again.score, again.revision) == (True, 0, 0, 4)
    void = check_ledger(database_url)[-1]
    assert (void.kind, void.reason, void.actor) == ("void", REASON, "ops/grace")


def test_a_void_counts_on_every_board_of_its_award(server):
    give(server, "ada", 6, action_type="dice.roll", award_id="dice")
    server.admin().VoidAward(VoidAwardRequest(award_id="dice", reason=REASON))
    for board, score in (("dice", 0), ("main", 5)):
        assert server.scores().GetStanding(GetStandingRequest(user_id="ada", board_id=board)).standing.score == score


def test_what_is_no_award_is_not_voided(server):
    refused = refusal(lambda: server.admin().VoidAward(VoidAwardRequest(award_id="none", reason=REASON)))
    assert (refused.code, refused.reason, refused.metadata) == ("NOT_FOUND", "AWARD_UNKNOWN", {"awardId": "none"})


def test_an_adjustment_counts_once_and_can_be_voided(server, database_url):
    request = AdjustScoreRequest(user_id="bob", points=-2, reason="a bug of ours", award_id="a-1")
    first = server.admin().AdjustScore(request)
    assert (first.correction.score, first.correction.rank, first.correction.award_id) == (3, 3, "a-1")
    assert (first.changed, first.HasField("voided_by")) == (True, False)
    again = server.admin().AdjustScore(request)
    assert (again.changed, again.correction, again.HasField("voided_by")) == (False, first.correction, False)
    for changed in ({"points": 2}, {"user_id": "ada"}, {"board_id": "dice"}, {"action_type": "dice.roll"}):
        other = AdjustScoreRequest()
        other.CopyFrom(request)
        for name, value in changed.items():
            setattr(other, name, value)
        assert refusal(lambda o=other: server.admin().AdjustScore(o)).reason == "AWARD_ID_REUSED"
    void = server.admin().VoidAward(VoidAwardRequest(award_id="a-1", reason="no bug")).correction
    assert void.score == 5
    voided = server.admin().AdjustScore(request)
    assert (voided.changed, voided.voided_by) == (False, void)
    assert [award.kind for award in check_ledger(database_url)[3:]] == ["adjustment", "void"]


def test_an_adjustment_names_a_board_or_an_action_type(server):
    adjust = server.admin().AdjustScore
    assert adjust(AdjustScoreRequest(user_id="bob", points=1, reason="x", board_id="dice")).correction.score == 1
    assert (
        adjust(AdjustScoreRequest(user_id="bob", points=1, reason="x", action_type="dice.roll")).correction.score == 2
    )
    assert shown(server)[0] == (1, "bob", 6)
    for wrong, reason in (
        ({"user_id": "nobody"}, "USER_UNKNOWN"),
        ({"board_id": "chess"}, "BOARD_UNKNOWN"),
        ({"action_type": "chess.win"}, "SCORING_RULE_MISSING"),
        ({"board_id": "main", "action_type": "dice.roll"}, "INVALID_FIELD"),
        ({"points": 0}, "INVALID_FIELD"),
    ):
        request = AdjustScoreRequest(**({"user_id": "bob", "points": 1, "reason": "x"} | wrong))
        assert refusal(lambda r=request: adjust(r)).reason == reason


def test_the_audit_has_who_did_what_why_and_when(server, clock):
    quarantine(server, operator="grace")
    clock.now += 60
    minute = Timestamp(seconds=int(clock.now))
    release(server)
    server.admin().VoidAward(VoidAwardRequest(award_id="eve", reason="twice"))
    found = [("void", "eve", "ops", "twice"), ("release", "bob", "ops", "was a human")]
    first = ("quarantine", "bob", "ops/grace", REASON)
    assert events(server) == [*found, first]
    assert events(server, user_id="bob") == [found[1], first]
    assert events(server, event="void") == found[:1]
    assert events(server, actor="ops/grace") == [first]
    assert events(server, start_time=minute) == found
    assert events(server, end_time=minute) == [first]
    assert events(server, address="192.0.2.7") == []


def test_the_audit_comes_in_pages(server):
    for user in ("ada", "bob", "eve"):
        quarantine(server, user)
    found, token = [], ""
    while True:
        page = server.admin().ListAuditEvents(ListAuditEventsRequest(page_size=1, page_token=token))
        found += [event.user_id for event in page.events]
        token = page.next_page_token
        if not token:
            break
        quarantine(server, uuid4().hex)  # what is new disturbs no page
    assert found == ["eve", "bob", "ada"]


def test_a_history_has_each_row_with_its_reason(server):
    give(server, "bob", 3, award_id="bob-2")
    quarantine(server)
    server.admin().VoidAward(VoidAwardRequest(award_id="bob-2", reason="not earned"))
    request = GetUserHistoryRequest(user_id="bob", page_size=2)
    first = server.admin().GetUserHistory(request)
    rest = server.admin().GetUserHistory(GetUserHistoryRequest(user_id="bob", page_token=first.next_page_token))
    rows = [(e.kind, e.points, e.score, e.reason, e.quarantined) for e in (*first.entries, *rest.entries)]
    assert rows == [
        ("void", -3, 5, "not earned", True),
        ("quarantine", 0, 0, REASON, False),
        ("internal", 3, 8, "", False),
        ("internal", 5, 5, "", False),
    ]
    assert first.restriction.state == decisions_pb2.USER_STATE_QUARANTINED
    assert rest.next_page_token == ""
    refused = refusal(lambda: server.admin().GetUserHistory(GetUserHistoryRequest(user_id="nobody")))
    assert (refused.code, refused.reason) == ("NOT_FOUND", "USER_UNKNOWN")


def test_a_page_token_is_for_its_list_alone(server):
    quarantine(server)
    quarantine(server, "eve")
    history = server.admin().GetUserHistory(GetUserHistoryRequest(user_id="bob", page_size=1)).next_page_token
    audit = server.admin().ListAuditEvents(ListAuditEventsRequest(page_size=1)).next_page_token
    assert history
    assert audit
    wrong = [
        lambda: server.admin().GetUserHistory(GetUserHistoryRequest(user_id="eve", page_token=history)),
        lambda: server.admin().GetUserHistory(GetUserHistoryRequest(user_id="bob", page_token=audit)),
        lambda: server.admin().ListAuditEvents(ListAuditEventsRequest(page_token=history)),
        lambda: server.admin().ListAuditEvents(ListAuditEventsRequest(page_token="nonsense")),
        lambda: server.scores().ListStandings(ListStandingsRequest(page_token=audit)),
    ]
    for call in wrong:
        assert refusal(call).reason == "PAGE_TOKEN_INVALID"


def test_decisions_and_corrections_have_the_address_of_whoever_decided(server):
    quarantine(server)
    server.admin().VoidAward(VoidAwardRequest(award_id="eve", reason=REASON))
    server.admin().AdjustScore(AdjustScoreRequest(user_id="ada", points=1, reason=REASON))
    listed = server.admin().ListAuditEvents(ListAuditEventsRequest(address="127.0.0.1")).events
    assert [each.event for each in listed] == ["adjustment", "void", "quarantine"]


@pytest.mark.parametrize("identity", ["action", "gateway", "score"])
def test_nobody_else_decides(server, identity):
    request = QuarantineUserRequest(user_id="bob", reason=REASON)
    assert refusal(lambda: server.admin(identity).QuarantineUser(request)).reason == "CALLER_NOT_ALLOWED"
    assert len(shown(server)) == 3


def test_the_attempts_of_a_blocked_user_are_in_the_audit_with_their_address(server, tickets, clock):
    server.admin().BlockUser(BlockUserRequest(user_id="bob", reason=REASON))
    refusal(lambda: give(server, "bob", 3, award_id="own"))
    refusal(lambda: give(server, "bob", 3, award_id="late", client_address="192.0.2.7"))
    tickets._clock = clock
    data = json.dumps({"actionId": uuid4().hex, "actionType": "quiz.answer", "result": None})
    metadata = [("authorization", f"Bearer {tickets.issue('bob', None, data)}"), ("x-envoy-external-address", "::1")]
    refusal(lambda: server.scores("gateway").UpdateScore(UpdateScoreRequest(data=data), metadata=metadata))
    until(lambda: len(events(server)) == 4, "the attempts")
    *attempts, _ = server.admin().ListAuditEvents(ListAuditEventsRequest()).events
    assert {(each.event, each.user_id) for each in attempts} == {("USER_BLOCKED", "bob")}
    assert [(each.actor, each.address, each.why) for each in attempts] == [
        ("", "::1", "tried to earn 10 points by quiz.answer"),
        ("action", "192.0.2.7", "tried to earn 3 points by direct"),
        ("action", "", "tried to earn 3 points by direct"),
    ]
    assert (attempts[0].award_id, attempts[1].award_id) == (fingerprint(data), "late")


def test_no_token_is_in_the_database(start_score, tickets, tmp_path):
    """Neither of a ticket that counts, nor of one that is refused in any way."""
    server = start_score()
    done = {"actionType": "dice.roll", "result": {"rolled": 3}}
    data, later = (json.dumps({"actionId": uuid4().hex} | done) for _ in range(2))
    good, other, late = (tickets.issue(*of) for of in (("ada", None, data), ("eve", None, data), ("bob", None, later)))
    server.admin().BlockUser(BlockUserRequest(user_id="bob", reason=REASON))
    forged = good[:-8] + ("A" * 8 if good[-8:] != "A" * 8 else "B" * 8)
    for ticket, sent in ((good, data), (good, data), (other, data + " "), (forged, data), (late, later)):
        outcome(lambda t=ticket, d=sent: redeem(server, t, d))
    server.begin_to_stop()
    server.wait_stopped()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("score.db*"))
    assert b"USER_BLOCKED" in stored
    for ticket in (good, other, forged, late):
        assert not [part for part in ticket.split(".") if part.encode() in stored]
