"""The field rules of every request, through real calls: what breaks one is refused by name and leaves no trace."""

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from scorewire.score.v1 import admin_pb2, internal_pb2, score_pb2
from scorewire.score.v1.decisions_pb2 import (
    AdjustScoreRequest,
    BlockUserRequest,
    QuarantineUserRequest,
    ReleaseUserRequest,
    UnblockUserRequest,
    VoidAwardRequest,
)
from scorewire.score.v1.history_pb2 import GetUserHistoryRequest, ListAuditEventsRequest
from scorewire.score.v1.internal_pb2 import ApplyScoreRequest, ApplyScoresRequest
from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    GetStandingRequest,
    ListStandingsRequest,
    UpdateScoreRequest,
    WatchLeaderboardRequest,
)
from tests.refusals import outcome, refusal, told

DECISIONS = (QuarantineUserRequest, ReleaseUserRequest, BlockUserRequest, UnblockUserRequest)
WINDOWED = (GetLeaderboardRequest, WatchLeaderboardRequest)
GOOD: dict[type[Message], dict[str, Any]] = {
    **{kind: {"user_id": "ada", "reason": "x"} for kind in DECISIONS},
    VoidAwardRequest: {"award_id": "none", "reason": "x"},
    AdjustScoreRequest: {"user_id": "nobody", "points": 1, "reason": "x"},
    ListAuditEventsRequest: {},
    GetUserHistoryRequest: {"user_id": "ada"},
    ApplyScoreRequest: {"user_id": "ada", "points": 1},
    ApplyScoresRequest: {"awards": [ApplyScoreRequest(user_id="ada", points=1)]},
    UpdateScoreRequest: {"data": "{}"},
    GetLeaderboardRequest: {},
    GetStandingRequest: {"user_id": "ada"},
    ListStandingsRequest: {},
    WatchLeaderboardRequest: {},
}
USER_IDS = {
    "good": ["a", "A.b_c:d@e-9", "u" * 64],
    "bad": ["", "u" * 65, "a b", "a\n", "ä", "a/b", "a\x00", "\u202eada"],
}
SOME_USERS = {
    "good": [[], USER_IDS["good"], [f"user-{number}" for number in range(200)]],
    "bad": [["ada", "ada"], [f"user-{number}" for number in range(201)]],
}
NAMES = {
    "good": ["board.that_is-not.there", "b" * 64, "7"],
    "bad": ["", "b" * 65, "Main", "a..b", ".a", "a-", "a b", "main\n", "ä"],
}
# What a name has nowhere: fillers, what breaks the line, what turns the direction of text, what has no width.
UNSEEN = [
    *"\u3164\uffa0\u2800\u034f\u115f\u1160\U00013441\U0001d159",
    *"\u2028\u2029",
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e",
]
# What is not a name alone: the same, white space, and marks without a letter.
BLANK = [*UNSEEN, *"\u00a0\u2003\u3000", "\ufe0f", "\ufe0e\ufe0f", "\U000e0100", "\u0301", "\u20e3", "\u200b\u200b"]
LIMITS = {"good": [1, 100], "bad": [0, -1, 101, 2**31 - 1]}
TOKENS = {"good": ["", "t" * 512], "bad": ["t" * 513]}
TIMES = {
    "good": [Timestamp(), Timestamp(seconds=1_800_000_000, nanos=5), Timestamp(seconds=2**33 - 1)],
    "bad": [Timestamp(seconds=-1), Timestamp(seconds=2**33), Timestamp(seconds=2**63 - 1)],
}
ADDRESSES = {
    "good": ["192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"],
    "bad": ["", "192.0.2", "192.0.2.7:80", "[::1]", "localhost", "192.0.2.7\n"],
}
PAGE_SIZES = {"good": [1, 1000], "bad": [0, -1, 1001]}
REASONS = {
    "good": ["x", "Clicks like a machine: 40 in 10 s, 250 ms apart.", "人間 💯", "r" * 200, "é" * 200],
    "bad": ["", "r" * 201, " x", "x ", "a\nb", "a\tb", "\x00", "\u202ea", "a\u2028b"],
}
OPERATORS = {"good": ["grace", "g.hopper@navy-1_x", "o" * 32], "bad": ["", "o" * 33, "a b", "a/b", "ä", "a\n"]}
FIELDS: dict[tuple[type[Message], str], dict[str, list[Any]]] = {
    (ApplyScoreRequest, "user_id"): USER_IDS,
    (ApplyScoreRequest, "points"): {"good": [0, -1, 2**31 - 1, -(2**31)], "bad": [None]},
    (ApplyScoreRequest, "action_type"): NAMES,
    (ApplyScoreRequest, "award_id"): USER_IDS,
    (ApplyScoreRequest, "display_name"): {
        "good": ["A", "Ada Lovelace", "日本 💯", "n" * 32, "é" * 32, "e\u0301", "\u2764\ufe0f", "\u1112\u1161"],
        "bad": ["", "n" * 33, " Ada", "Ada ", "Ada\n", "A\tB", "\x00", *BLANK, *(f"A{filler}B" for filler in UNSEEN)],
    },
    (ApplyScoreRequest, "sign_in_time"): TIMES,
    (ApplyScoreRequest, "client_address"): ADDRESSES,
    (ApplyScoreRequest, "action_time"): TIMES,
    (ApplyScoresRequest, "awards"): {
        "good": [[ApplyScoreRequest(user_id="ada", points=0)] * 1000],
        "bad": [[], [ApplyScoreRequest(user_id="ada", points=0)] * 1001],
    },
    (UpdateScoreRequest, "data"): {"good": ["x", "x" * 65536, "ä" * 32768], "bad": ["", "x" * 65537, "ä" * 32769]},
    (GetStandingRequest, "user_id"): USER_IDS,
    (GetStandingRequest, "board_id"): NAMES,
    (ListStandingsRequest, "board_id"): NAMES,
    (ListStandingsRequest, "page_size"): PAGE_SIZES,
    (ListStandingsRequest, "page_token"): TOKENS,
    **{(kind, "board_id"): NAMES for kind in WINDOWED},
    **{(kind, "limit"): LIMITS for kind in WINDOWED},
    **{(kind, "around_user_id"): USER_IDS for kind in WINDOWED},
    **{(kind, "radius"): {"good": [1, 50], "bad": [0, -1, 51]} for kind in WINDOWED},
    **{(kind, "user_ids"): SOME_USERS for kind in WINDOWED},
    (WatchLeaderboardRequest, "whole_boards"): {"good": [True], "bad": []},
    (WatchLeaderboardRequest, "min_interval"): {
        "good": [Duration(), Duration(nanos=1), Duration(seconds=60)],
        "bad": [Duration(seconds=-1), Duration(nanos=-1), Duration(seconds=60, nanos=1)],
    },
    (WatchLeaderboardRequest, "resume_token"): TOKENS,
    (WatchLeaderboardRequest, "user_id"): USER_IDS,
    **{(kind, "user_id"): USER_IDS for kind in (*DECISIONS, AdjustScoreRequest, GetUserHistoryRequest)},
    **{(kind, "reason"): REASONS for kind in (*DECISIONS, VoidAwardRequest, AdjustScoreRequest)},
    **{(kind, "operator"): OPERATORS for kind in (*DECISIONS, VoidAwardRequest, AdjustScoreRequest)},
    **{(kind, "award_id"): USER_IDS for kind in (VoidAwardRequest, AdjustScoreRequest)},
    (AdjustScoreRequest, "points"): {"good": [1, -1, 2**31 - 1, -(2**31)], "bad": [0, None]},
    (AdjustScoreRequest, "board_id"): NAMES,
    (AdjustScoreRequest, "action_type"): NAMES,
    (ListAuditEventsRequest, "user_id"): USER_IDS,
    (ListAuditEventsRequest, "event"): {"good": ["USER_BLOCKED", "void", "a.b-c"], "bad": ["", "a b", "e" * 65, "ä"]},
    (ListAuditEventsRequest, "actor"): {
        "good": ["ops/grace", "a" * 128, "größer %_'"],
        "bad": ["", "a" * 129, "a\x00", "a\x1b[31m", "a\u202e"],
    },
    (ListAuditEventsRequest, "address"): ADDRESSES,
    (ListAuditEventsRequest, "start_time"): TIMES,
    (ListAuditEventsRequest, "end_time"): TIMES,
    **{(kind, "page_size"): PAGE_SIZES for kind in (ListAuditEventsRequest, GetUserHistoryRequest)},
    **{(kind, "page_token"): TOKENS for kind in (ListAuditEventsRequest, GetUserHistoryRequest)},
}
OF_THE_MESSAGE = {"awards": ""}
"""Rules of the whole message, whose violations name no field."""
NEEDED = {"radius": {"around_user_id": "ada"}}
"""Other fields without which one makes no sense."""


def cases(quality: str) -> list[Any]:
    return [
        pytest.param(kind, field, value, id=f"{kind.__name__}-{field}-{shortly(value)}")
        for (kind, field), values in FIELDS.items()
        for value in values[quality]
    ]


def shortly(value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} of them"
    return ascii(value) if len(ascii(value)) < 30 else f"{ascii(value)[:6]}... of {len(str(value))}"


@pytest.fixture(scope="module")
def call(grpc_server):
    """Calls the method of a request, and answers its response or, for the watch, the first of them."""
    scores, internal, admin = grpc_server.scores(), grpc_server.internal(), grpc_server.admin()
    methods = {
        ApplyScoreRequest: internal.ApplyScore,
        ApplyScoresRequest: internal.ApplyScores,
        UpdateScoreRequest: scores.UpdateScore,
        GetLeaderboardRequest: scores.GetLeaderboard,
        GetStandingRequest: scores.GetStanding,
        ListStandingsRequest: scores.ListStandings,
        QuarantineUserRequest: admin.QuarantineUser,
        ReleaseUserRequest: admin.ReleaseUser,
        BlockUserRequest: admin.BlockUser,
        UnblockUserRequest: admin.UnblockUser,
        VoidAwardRequest: admin.VoidAward,
        AdjustScoreRequest: admin.AdjustScore,
        ListAuditEventsRequest: admin.ListAuditEvents,
        GetUserHistoryRequest: admin.GetUserHistory,
    }

    def watch(request):
        responses = scores.WatchLeaderboard(request)
        first = next(responses)
        responses.cancel()
        return first

    return lambda request: (methods | {WatchLeaderboardRequest: watch})[type(request)](request)


def with_field(kind: type[Message], field: str, value: Any) -> Message:
    values = GOOD[kind] | NEEDED.get(field, {}) | {field: value}
    return kind(**values)


def test_every_field_of_every_request_is_here():
    files = (score_pb2.DESCRIPTOR, internal_pb2.DESCRIPTOR, admin_pb2.DESCRIPTOR)
    requests = [m.input_type for f in files for s in f.services_by_name.values() for m in s.methods]
    assert {(r.name, f.name) for r in requests for f in r.fields} == {(k.DESCRIPTOR.name, f) for k, f in FIELDS}


@pytest.mark.parametrize(("kind", "field", "value"), cases("bad"))
def test_a_broken_rule_is_refused_by_the_name_of_its_field(call, kind, field, value):
    refused = refusal(lambda: call(with_field(kind, field, value)))
    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "INVALID_FIELD")
    assert list(refused.fields) == [OF_THE_MESSAGE.get(field, field)]
    assert all(refused.fields.values())


@pytest.mark.parametrize(("kind", "field", "value"), cases("good"))
def test_what_keeps_the_rule_is_not_refused_for_it(call, kind, field, value):
    refused = outcome(lambda: call(with_field(kind, field, value)))
    # Whether there is such a board or ticket, or a rule for so many points, is another question.
    assert refused is None or (refused.reason and refused.reason != "INVALID_FIELD")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(field, value, id=f"{field}-{shortly(value)}")
        for (kind, field), values in FIELDS.items()
        if kind is ApplyScoreRequest
        for value in values["bad"]
    ],
)
def test_a_broken_award_of_a_batch_is_refused_alone(call, field, value):
    bad: Any = with_field(ApplyScoreRequest, field, value)
    good = ApplyScoreRequest(user_id="bob", points=0)
    results = call(ApplyScoresRequest(awards=[good, bad, good])).results
    assert [result.WhichOneof("outcome") for result in results] == ["applied", "refused", "applied"]
    assert (told(results[1].refused).reason, list(told(results[1].refused).fields)) == ("INVALID_FIELD", [field])


@pytest.mark.parametrize("kind", WINDOWED)
@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        pytest.param({"limit": 3, "around_user_id": "ada"}, "give one of them", id="top and around"),
        pytest.param({"limit": 3, "user_ids": ["ada"]}, "give one of them", id="top and some"),
        pytest.param({"around_user_id": "ada", "user_ids": ["ada"]}, "give one of them", id="around and some"),
        pytest.param({"radius": 3}, "radius goes with around_user_id", id="around nobody"),
        pytest.param({"user_ids": ["ada", "a b"]}, "user_ids", id="one of some"),
    ],
)
def test_a_window_is_one_and_whole(call, kind, fields, problem):
    refused = refusal(lambda: call(kind(**fields)))
    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "INVALID_FIELD")
    assert problem in refused.message


def test_all_broken_fields_are_named_at_once(call):
    refused = refusal(lambda: call(ApplyScoreRequest(user_id="a b", award_id="", display_name=" ")))
    assert sorted(refused.fields) == ["award_id", "display_name", "points", "user_id"]


def test_a_field_has_its_name_in_json_in_the_message(call):
    refused = refusal(lambda: call(ApplyScoreRequest(user_id="a b")))
    assert "user_id (in JSON userId) " in refused.message
    assert "points value is required" in refused.message


def test_refused_requests_have_left_no_trace(start_score):
    server = start_score()
    for field, value in [("user_id", ""), ("points", None), ("award_id", "a b"), ("display_name", "")]:
        refusal(lambda f=field, v=value: server.internal().ApplyScore(with_field(ApplyScoreRequest, f, v)))
    board = server.scores().GetLeaderboard(GetLeaderboardRequest()).leaderboard
    assert (board.revision, board.total_users) == (0, 0)
