"""What a request over REST names is there, and is named once."""

import httpx
import pytest

from tests.e2e.players import Player, reason

ACT = "/api/action/do-some"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param('{"actiontype": "quiz.answer"}', "actiontype", id="another case"),
        pytest.param('{"action-type": "quiz.answer"}', "action-type", id="a dash"),
        pytest.param('{"some": {"some": 1}, "points": 5}', "points", id="after an object"),
        pytest.param('{"some": "a\\\\\\"b", "points": 5}', "points", id="after quotes that are escaped"),
        pytest.param('{"some": [1, "}", {"a": "]"}] , "points" : 5}', "points", id="after brackets in strings"),
        pytest.param('\n{\t"points"\n:\r5}', "points", id="with white space"),
        pytest.param('{"": 1}', "", id="no name"),
        pytest.param('{"ä<b>": 1}', "??_b_".replace("_", "?"), id="what should not be echoed"),
        pytest.param('{"' + "x" * 500 + '": 1}', "x" * 64, id="a long name"),
    ],
)
def test_an_unknown_field_is_refused_by_its_name(player: Player, body: str, field: str) -> None:
    answer = player.rest.post(ACT, content=body, headers=player.session)
    assert (answer.status_code, reason(answer)) == (400, "REQUEST_MALFORMED")
    assert f'there is no field "{field}"' in answer.json()["message"]
    assert reason(player.standing()) == "STANDING_NOT_FOUND"


@pytest.mark.parametrize("body", ["[]", '"text"', " \n[{}]", "5", "null", "no JSON"])
def test_a_body_that_is_no_object_is_refused_as_such(player: Player, body: str) -> None:
    answer = player.rest.post(ACT, content=body, headers=player.session)
    assert (answer.status_code, reason(answer)) == (400, "REQUEST_MALFORMED")
    said = "the request cannot be read; mend it and call again: the body must be a JSON object"
    assert answer.json()["message"] == said
    assert reason(player.standing()) == "STANDING_NOT_FOUND"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"some": {"points": {"x": [{}]}}, "actionType": "dice.roll"}', id="in `some` anything goes"),
        pytest.param('{"action_type": "dice.roll"}', id="as the protos name it"),
        pytest.param('{"some": "points\\": 5", "action\\u0054ype": "dice.roll"}', id="a name with escapes"),
        pytest.param("", id="no body"),
        pytest.param("{}", id="no field"),
        pytest.param('{"some": "' + "[" * 30_000 + '"}', id="brackets in a string"),
    ],
)
def test_what_there_is_is_taken(player: Player, body: str) -> None:
    assert player.rest.post(ACT, content=body, headers=player.session).status_code == httpx.codes.OK


@pytest.mark.parametrize("path", ["/api/score/update", "/api/session/guest"])
def test_every_call_with_a_body_is_looked_at(rest: httpx.Client, path: str) -> None:
    answer = rest.post(path, json={"dispayName": "Ada"})
    assert 'there is no field "dispayName"' in answer.json()["message"]


@pytest.mark.parametrize(
    "query",
    [
        "userId=other",
        "user_id=other",
        "user%49d=other",
        "user%5Fid=other",
        "%75%73%65%72%5f%69%64=other",
        "boardId=main&userId=other",
        "userId=",
    ],
)
def test_a_field_of_the_path_is_in_no_query(player: Player, query: str) -> None:
    player.do()
    answer = player.rest.get(f"/api/standings/{player.user_id}?{query}")
    assert (answer.status_code, reason(answer)) == (400, "REQUEST_MALFORMED")
    assert "user_id is in the path" in answer.json()["message"]


def test_a_value_may_look_like_it(player: Player) -> None:
    assert reason(player.rest.get("/api/standings/nobody?boardId=userId=x")) == "INVALID_FIELD"


def test_another_protocol_is_refused_as_what_it_is(rest: httpx.Client) -> None:
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    answer = rest.get("/api/leaderboard/watch", headers=upgrade)
    assert (answer.status_code, reason(answer)) == (400, "REQUEST_MALFORMED")
    assert "upgrade" in answer.json()["message"]
