"""REST: the three calls to the letter, the reads, and errors as JSON."""

import json
from typing import Any

import httpx
import pytest

from tests.e2e.players import Player, reason
from tests.stack import Stack


def test_an_action_delivered_by_ticket_and_its_redeeming(player: Player) -> None:
    acted = player.answer_quiz()
    assert acted.status_code == httpx.codes.OK
    assert acted.headers["content-type"] == "application/json"
    outcome = acted.json()
    assert set(outcome) == {"message", "token", "result"}
    assert outcome["message"] == "Successfully"
    assert outcome["token"].count(".") == 2
    assert json.loads(outcome["result"])["actionType"] == "quiz.answer"

    redeemed = player.redeem(outcome["token"], outcome["result"])
    assert redeemed.status_code == httpx.codes.OK
    award = redeemed.json()
    assert set(award) == {"message", "status", "scoreIncrease", "score", "rank", "revision"}
    assert award["message"] == "Score updated successfully."
    assert award["status"] == "success"
    assert award["scoreIncrease"] == 10
    assert type(award["scoreIncrease"]) is int
    assert award["score"] == "10"  # 64 bits are a string in proto3 JSON
    assert type(award["rank"]) is int


def test_an_action_delivered_internally(player: Player) -> None:
    outcome = player.do("anything").json()
    assert set(outcome) == {"message", "score", "result"}
    assert outcome["message"] == "Successfully"
    rolled = json.loads(outcome["result"])["result"]["rolled"]
    assert outcome["score"] == str(rolled)


@pytest.mark.parametrize(
    "some",
    [
        pytest.param("text", id="a string"),
        pytest.param(5, id="a number"),
        pytest.param(True, id="a boolean"),
        pytest.param(None, id="null"),
        pytest.param([1, [2]], id="an array"),
        pytest.param({"a": {"b": []}}, id="an object"),
    ],
)
def test_an_action_takes_any_json(player: Player, some: Any) -> None:
    assert player.do(some).status_code == httpx.codes.OK


def test_a_ticket_redeemed_again_tells_the_first_award(player: Player) -> None:
    outcome = player.answer_quiz().json()
    player.redeem(outcome["token"], outcome["result"])
    again = player.redeem(outcome["token"], outcome["result"])
    assert again.status_code == httpx.codes.CONFLICT
    assert reason(again) == "TICKET_ALREADY_REDEEMED"
    assert again.json()["details"][0]["metadata"]["scoreIncrease"] == "10"
    assert player.standing().json()["standing"]["score"] == "10"


def test_reading_a_standing(player: Player) -> None:
    score = player.do().json()["score"]
    standing = player.standing().json()["standing"]
    assert standing == {
        "rank": standing["rank"],
        "userId": player.user_id,
        "displayName": player.display_name,
        "score": score,
    }
    assert type(standing["rank"]) is int


def test_reading_the_board(stack: Stack, player: Player, rest: httpx.Client) -> None:
    first = {"userId": player.user_id, "points": 100}  # players of other tests may fill the board
    with httpx.Client(base_url=stack.gateway.internal_url, verify=stack.gateway.client_tls("ops")) as internal:
        assert internal.post("/api/internal/score/update", json=first).status_code == httpx.codes.OK
    player.do()
    answer = rest.get("/api/leaderboard", params={"boardId": "main", "limit": 100}).json()
    assert answer["resumeToken"]
    board = answer["leaderboard"]
    assert board["boardId"] == "main"
    assert [standing["rank"] for standing in board["standings"]] == list(range(1, len(board["standings"]) + 1))
    assert player.user_id in {standing["userId"] for standing in board["standings"]}


def test_reading_page_by_page(rest: httpx.Client) -> None:
    players = [Player.signed_in(rest) for _ in range(3)]
    for player in players:
        player.do()
    seen, page = [], {"nextPageToken": ""}
    while "nextPageToken" in page:
        page = rest.get("/api/standings", params={"pageSize": 2, "pageToken": page["nextPageToken"]}).json()
        seen += [standing["userId"] for standing in page["standings"]]
    assert len(seen) == len(set(seen)) == page["totalUsers"]
    assert {player.user_id for player in players} <= set(seen)


@pytest.mark.parametrize("user_id", ["a@b.example", "a:b", "a%40b", "a%3Ab"])
def test_user_ids_may_be_escaped(rest: httpx.Client, user_id: str) -> None:
    answer = rest.get(f"/api/standings/{user_id}")
    assert reason(answer) == "STANDING_NOT_FOUND"
    assert answer.json()["details"][0]["metadata"]["userId"] == user_id.replace("%40", "@").replace("%3A", ":")


POST, GET = "POST", "GET"
UPDATE = "/api/score/update"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "expected"),
    [
        pytest.param(POST, UPDATE, "{bad", 400, "REQUEST_MALFORMED", id="malformed JSON"),
        pytest.param(POST, UPDATE, "[]", 400, "REQUEST_MALFORMED", id="an array for an object"),
        pytest.param(POST, UPDATE, '{"data": 5}', 400, "REQUEST_MALFORMED", id="a number for a string"),
        pytest.param(POST, UPDATE, '{"data": "a', 400, "REQUEST_MALFORMED", id="JSON that ends too early"),
        pytest.param(POST, UPDATE, '{"data": ""}', 400, "INVALID_FIELD", id="an empty field"),
        pytest.param(POST, UPDATE, "", 400, "INVALID_FIELD", id="no body"),
        pytest.param(POST, UPDATE, '{"data": "x"}', 401, "TICKET_MISSING", id="no ticket"),
        pytest.param(POST, "/api/action/do-some", "{}", 401, "SESSION_MISSING", id="no session"),
        pytest.param(POST, "/api/session/guest", "{}", 400, "INVALID_FIELD", id="no name"),
        pytest.param(GET, "/api/leaderboard?zzz=1", "", 400, "REQUEST_MALFORMED", id="unknown parameter"),
        pytest.param(GET, "/api/leaderboard?limit=x", "", 400, "REQUEST_MALFORMED", id="parameter of the wrong type"),
        pytest.param(GET, "/api/leaderboard?limit=101", "", 400, "INVALID_FIELD", id="parameter out of bounds"),
        pytest.param(GET, "/api/leaderboard?boardId=none", "", 404, "BOARD_UNKNOWN", id="unknown board"),
        pytest.param(
            GET, "/api/leaderboard/watch?boardId=none", "", 404, "BOARD_UNKNOWN", id="watching an unknown one"
        ),
        pytest.param(GET, "/api/standings/nobody", "", 404, "STANDING_NOT_FOUND", id="unknown user"),
        pytest.param(GET, "/api/standings/a%25b", "", 400, "INVALID_FIELD", id="a user id that is none"),
        pytest.param(GET, "/api/standings?pageToken=x", "", 400, "PAGE_TOKEN_INVALID", id="a page token that is none"),
    ],
)
def test_errors_are_json_with_a_reason(
    rest: httpx.Client, method: str, path: str, body: str, status: int, expected: str
) -> None:
    answer = rest.request(method, path, content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert reason(answer) == expected


def test_a_malformed_request_says_where(rest: httpx.Client) -> None:
    assert "Could not find field" in rest.get("/api/leaderboard?zzz=1").json()["message"]


@pytest.mark.parametrize(
    "size", [pytest.param(1024 * 1024 + 1, id="a byte too many"), pytest.param(5_000_000, id="5 MB")]
)
@pytest.mark.parametrize("chunked", [pytest.param(False, id="whole"), pytest.param(True, id="chunked")])
def test_bodies_over_one_mebibyte_are_refused(rest: httpx.Client, size: int, chunked: bool) -> None:
    body = b'{"data": "' + b"a" * (size - 12) + b'"}'
    answer = rest.post(UPDATE, content=iter([body]) if chunked else body)
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert reason(answer) == "MESSAGE_TOO_LARGE"


def test_a_body_of_one_mebibyte_is_read(rest: httpx.Client) -> None:
    body = b'{"data": "' + b"a" * (1024 * 1024 - 12) + b'"}'
    assert reason(rest.post(UPDATE, content=body)) == "INVALID_FIELD"


def test_refused_calls_leave_no_trace(player: Player) -> None:
    outcome = player.answer_quiz().json()
    assert reason(player.redeem(outcome["token"], outcome["result"] + " ")) == "TICKET_DATA_MISMATCH"
    assert reason(player.redeem(outcome["token"][:-4] + "AAAA", outcome["result"])) == "TICKET_SIGNATURE_INVALID"
    assert reason(player.standing()) == "STANDING_NOT_FOUND"


def test_the_request_id_goes_all_the_way_and_comes_back(rest: httpx.Client, stack: Stack) -> None:
    answer = rest.get("/api/leaderboard", headers={"x-request-id": "my-own-id"})
    assert answer.headers["x-request-id"] == "my-own-id"
    assert '"request_id":"my-own-id"' in stack.score.log()


def test_a_request_without_an_id_gets_one(rest: httpx.Client) -> None:
    ids = {rest.get("/api/leaderboard").headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
