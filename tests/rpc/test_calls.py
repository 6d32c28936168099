"""Each call of the score server where nothing is wrong, through pytest-grpc's stubs over mutual TLS."""

import json
from uuid import uuid4

import pytest

from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    GetStandingRequest,
    ListStandingsRequest,
    Standing,
    UpdateScoreRequest,
)
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from tests.awards import check_ledger
from tests.refusals import refusal, told


@pytest.fixture(scope="module")
def grpc_stub_cls(grpc_channel):
    return ScoreServiceStub


@pytest.fixture(scope="module")
def internal(grpc_server):
    return grpc_server.internal("action")


def user() -> str:
    return f"user-{uuid4().hex[:8]}"


def action_data(action_type: str, result: object) -> str:
    return json.dumps({"actionId": uuid4().hex, "actionType": action_type, "result": result})


def test_apply_score_needs_no_more_than_a_user_and_points(internal):
    ada = user()
    first = internal.ApplyScore(ApplyScoreRequest(user_id=ada, points=10))
    assert (first.message, first.status) == ("Score updated successfully.", "success")
    assert (first.score_increase, first.score) == (10, 10)
    second = internal.ApplyScore(ApplyScoreRequest(user_id=ada, points=-3))
    assert (second.score_increase, second.score, second.revision) == (-3, 7, first.revision + 1)
    assert len({first.award_id, second.award_id, ""}) == 3


def test_the_same_award_again_answers_what_it_answered_first(internal):
    request = ApplyScoreRequest(user_id=user(), points=5, action_type="dice.roll", award_id=uuid4().hex)
    first = internal.ApplyScore(request)
    internal.ApplyScore(ApplyScoreRequest(user_id=request.user_id, points=1))
    again = internal.ApplyScore(request)
    again.rank = first.rank  # it is today's, because nobody keeps old ranks
    assert again == first


def test_an_award_counts_on_the_boards_of_its_rule(grpc_stub, internal):
    ada = user()
    internal.ApplyScore(ApplyScoreRequest(user_id=ada, points=6, action_type="dice.roll"))
    internal.ApplyScore(ApplyScoreRequest(user_id=ada, points=10, action_type="quiz.answer"))
    on_dice = grpc_stub.GetStanding(GetStandingRequest(user_id=ada, board_id="dice")).standing
    on_main = grpc_stub.GetStanding(GetStandingRequest(user_id=ada)).standing
    assert (on_dice.score, on_main.score) == (6, 16)


def test_apply_scores_answers_each_in_its_place(internal):
    ada, reused = user(), uuid4().hex
    internal.ApplyScore(ApplyScoreRequest(user_id=ada, points=1, award_id=reused))
    results = internal.ApplyScores(
        ApplyScoresRequest(
            awards=[
                ApplyScoreRequest(user_id=ada, points=10),
                ApplyScoreRequest(user_id="no user", points=1),
                ApplyScoreRequest(user_id=ada, points=7, action_type="dice.roll"),
                ApplyScoreRequest(user_id=ada, points=1, action_type="chess.win"),
                ApplyScoreRequest(user_id=ada, points=2, award_id=reused),
                ApplyScoreRequest(user_id=ada, points=1, award_id=reused),
                ApplyScoreRequest(user_id=ada, points=100),
            ]
        )
    ).results
    outcomes = [told(r.refused).reason if r.HasField("refused") else r.applied.score for r in results]
    assert outcomes == [
        11,
        "INVALID_FIELD",
        "POINTS_OUT_OF_BOUNDS",
        "SCORING_RULE_MISSING",
        "AWARD_ID_REUSED",
        1,
        111,
    ]
    assert list(told(results[1].refused).fields) == ["user_id"]


def test_a_thousand_awards_in_one_call(internal):
    ada = user()
    awards = [ApplyScoreRequest(user_id=ada, points=1, award_id=uuid4().hex) for _ in range(1000)]
    results = internal.ApplyScores(ApplyScoresRequest(awards=awards)).results
    assert [result.applied.score for result in results] == list(range(1, 1001))


def test_a_ticket_is_worth_its_action_once(grpc_stub, tickets):
    ada, data = user(), action_data("dice.roll", {"rolled": 4})
    ticket = [("authorization", f"Bearer {tickets.issue(ada, 'Ada', data)}")]
    answer = grpc_stub.UpdateScore(UpdateScoreRequest(data=data), metadata=ticket)
    assert (answer.message, answer.status) == ("Score updated successfully.", "success")
    assert (answer.score_increase, answer.score) == (4, 4)
    again = refusal(lambda: grpc_stub.UpdateScore(UpdateScoreRequest(data=data), metadata=ticket))
    assert (again.code, again.reason) == ("ALREADY_EXISTS", "TICKET_ALREADY_REDEEMED")
    assert again.metadata == {"scoreIncrease": "4", "score": "4", "revision": str(answer.revision)}
    standing = grpc_stub.GetStanding(GetStandingRequest(user_id=ada, board_id="dice")).standing
    assert (standing.score, standing.display_name) == (4, "Ada")


def test_the_ledger_says_how_an_award_came(tickets, start_score):
    server = start_score()
    data = action_data("quiz.answer", None)
    ticket = [("authorization", f"bearer {tickets.issue('ada', None, data)}")]
    server.scores("gateway").UpdateScore(UpdateScoreRequest(data=data), metadata=ticket)
    server.internal("action").ApplyScore(ApplyScoreRequest(user_id="bob", points=2, display_name="Bob"))
    awards = check_ledger(f"sqlite:///{server.settings.data_dir}/score.db")
    assert [(a.user_id, a.action_type, a.points, a.kind) for a in awards] == [
        ("ada", "quiz.answer", 10, "ticket"),
        ("bob", "direct", 2, "internal"),
    ]


def test_the_leaderboard_has_the_best_first(start_score):
    server = start_score()
    internal, scores = server.internal(), server.scores()
    for name, points in [("ada", 5), ("bob", 7), ("eve", 5), ("joe", -1)]:
        answer = internal.ApplyScore(ApplyScoreRequest(user_id=name, points=points, display_name=name.title()))
    board = scores.GetLeaderboard(GetLeaderboardRequest(limit=3)).leaderboard
    assert list(board.standings) == [
        Standing(rank=1, user_id="bob", score=7, display_name="Bob"),
        Standing(rank=2, user_id="ada", score=5, display_name="Ada"),
        Standing(rank=3, user_id="eve", score=5, display_name="Eve"),
    ]
    assert (board.board_id, board.revision, board.total_users) == ("main", answer.revision, 4)
    own = scores.GetStanding(GetStandingRequest(user_id="joe"))
    assert (own.standing, own.revision) == (
        Standing(rank=4, user_id="joe", score=-1, display_name="Joe"),
        board.revision,
    )


def test_an_award_of_no_points_gives_a_name_and_moves_nobody(start_score):
    server = start_score()
    internal, scores = server.internal(), server.scores()

    def shown() -> list[tuple[int, str, int, str]]:
        standings = scores.GetLeaderboard(GetLeaderboardRequest()).leaderboard.standings
        return [(each.rank, each.user_id, each.score, each.display_name) for each in standings]

    for user_id in ("ada", "bob"):
        internal.ApplyScore(ApplyScoreRequest(user_id=user_id, points=5))
    internal.ApplyScore(ApplyScoreRequest(user_id="ada", points=0, display_name="Countess"))
    assert shown() == [(1, "ada", 5, "Countess"), (2, "bob", 5, "")]
    internal.ApplyScore(ApplyScoreRequest(user_id="ada", points=0))
    internal.ApplyScore(ApplyScoreRequest(user_id="eve", points=0, display_name="Eve"))
    assert shown() == [(1, "ada", 5, "Countess"), (2, "bob", 5, ""), (3, "eve", 0, "Eve")]


def test_an_empty_leaderboard(start_score):
    board = start_score().scores().GetLeaderboard(GetLeaderboardRequest(board_id="dice")).leaderboard
    assert (board.board_id, board.revision, board.total_users, len(board.standings)) == ("dice", 0, 0, 0)


@pytest.mark.parametrize("page_size", [1, 3, 7, None], ids=str)
def test_pages_walk_everybody_once(start_score, page_size):
    server = start_score()
    awards = [ApplyScoreRequest(user_id=f"user-{number}", points=number // 3) for number in range(7)]
    server.internal().ApplyScores(ApplyScoresRequest(awards=awards))
    scores = server.scores()
    users, token = [], None
    while token != "":
        page = scores.ListStandings(ListStandingsRequest(page_size=page_size, page_token=token))
        assert (page.total_users, page.revision) == (7, 7)
        users += [(standing.rank, standing.user_id) for standing in page.standings]
        token = page.next_page_token
    assert users == list(enumerate(["user-6", "user-3", "user-4", "user-5", "user-0", "user-1", "user-2"], 1))


def test_scores_and_names_are_there_after_a_restart(start_score):
    first = start_score()
    first.internal().ApplyScore(ApplyScoreRequest(user_id="ada", points=5, display_name="Ada 💯"))
    board = first.scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard
    first.begin_to_stop()
    first.wait_stopped()
    assert start_score().scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard == board


def test_everything_works_on_postgresql(start_score, postgres_url, tickets, tmp_path):
    url_file = tmp_path / "url"
    url_file.write_text(postgres_url.render_as_string(hide_password=False) + "\n")
    server = start_score(database_url_file=url_file)
    data = action_data("dice.roll", {"rolled": 6})
    ticket = [("authorization", f"Bearer {tickets.issue('ada', 'Ada', data)}")]
    server.scores().UpdateScore(UpdateScoreRequest(data=data), metadata=ticket)
    server.internal().ApplyScore(ApplyScoreRequest(user_id="bob", points=7))
    board = server.scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard
    assert [(s.user_id, s.score) for s in board.standings] == [("bob", 7), ("ada", 6)]
    assert len(check_ledger(postgres_url)) == 2
