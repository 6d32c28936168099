"""A message as an event: whatever it says, one event with its JSON and its token, as `EventSource` reads them."""

import json

from google.api.httpbody_pb2 import HttpBody
from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import given
from hypothesis import strategies as st

from scorewire.score.v1.score_pb2 import Leaderboard, Standing, WatchLeaderboardResponse
from scorewire_server.score.events import EVENTS

STANDINGS = st.builds(
    Standing,
    rank=st.integers(1, 2**31 - 1),
    user_id=st.text(max_size=8),
    display_name=st.none() | st.text(max_size=8),
    score=st.integers(-(2**63), 2**63 - 1),
    rank_change=st.none() | st.integers(-5, 5),
    score_change=st.none() | st.integers(-(2**63), 2**63 - 1),
)
MESSAGES = st.builds(
    WatchLeaderboardResponse,
    leaderboard=st.builds(Leaderboard, board_id=st.just("main"), standings=st.lists(STANDINGS, max_size=3)),
    resume_token=st.text("AZaz09-_", min_size=1, max_size=60),
)


def read(encoded: bytes) -> dict[str, str]:
    """The fields of the one event that bytes are, by the rules of `text/event-stream`."""
    body = HttpBody.FromString(encoded)
    assert body.content_type == "text/event-stream"
    text = body.data.decode()
    assert text.endswith("\n\n")
    assert "\r" not in text
    lines = text.removesuffix("\n\n").split("\n")
    assert "" not in lines
    return {name: value.removeprefix(" ") for name, _, value in (line.partition(":") for line in lines)}


@given(MESSAGES)
def test_an_event_has_the_json_and_the_token(message):
    event = read(EVENTS.encode(message))
    assert event.keys() == {"id", "data"}
    assert event["id"] == message.resume_token
    assert json.loads(event["data"]) == MessageToDict(message)


@given(MESSAGES, STANDINGS)
def test_the_own_standing_is_a_part_of_the_same_message(message, standing):
    event = read(EVENTS.with_own(EVENTS.encode(message), standing))
    both = WatchLeaderboardResponse(standing=standing)
    both.MergeFrom(message)
    assert ParseDict(json.loads(event["data"]), WatchLeaderboardResponse()) == both


def test_a_heartbeat_is_a_comment():
    assert read(EVENTS.heartbeat("a token")) == {"": ""}
