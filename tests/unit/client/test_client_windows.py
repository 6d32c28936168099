"""Windows of a board that are read once, by both clients."""

import pytest
from google.protobuf.json_format import MessageToDict

from scorewire.score.v1.score_pb2 import GetLeaderboardRequest
from tests.unit.client.test_client_calls import GET_LEADERBOARD, TOP


async def test_reads_windows(peer, caller):
    peer.expect(GET_LEADERBOARD, [TOP], [TOP], [TOP])
    assert await caller.around("ada", radius=2) == await caller.around("ada") == await caller.among(["bob", "ada"])
    assert [MessageToDict(GetLeaderboardRequest.FromString(request)) for request, _ in peer.received] == [
        {"aroundUserId": "ada", "radius": 2},
        {"aroundUserId": "ada"},
        {"userIds": ["bob", "ada"]},
    ]


async def test_nobody_is_among_nobody(peer, caller):
    with pytest.raises(ValueError, match="among whom"):
        await caller.among([])
    assert not peer.received
