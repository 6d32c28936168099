"""The promises of the watch, as checks named by the words of the proto: what any stream of it must keep.

Each takes what a watch has sent, oldest first, and fails where the promise is broken. `boards` are the states that its
messages make, one put upon the other.
"""

from collections.abc import Sequence
from itertools import pairwise

import grpc
from google.rpc import error_details_pb2, status_pb2

from scorewire.score.v1.score_pb2 import Leaderboard
from scorewire_server.settings import ScoreSettings
from tests.replay import Messages, boards, wrong_changes

LONGEST_QUIET = 10.0
"""Seconds; `Alive` names it."""


def ordered(messages: Messages) -> None:
    """`revision` never goes down."""
    revisions = [board.revision for board in boards(messages)]
    assert revisions == sorted(revisions), f"Ordered: {revisions}"


def unique(messages: Messages) -> None:
    """No revision is sent twice."""
    revisions = [board.revision for board in boards(messages)]
    assert len(set(revisions)) == len(revisions), f"Unique: {revisions}"


def convergent(messages: Messages, newest: Leaderboard) -> None:
    """After the last change the newest board is sent; boards in between may be left out."""
    sent = boards(messages)
    assert sent, "Convergent: no board was sent"
    assert sent[-1] == newest, f"Convergent: {sent[-1]} is not {newest}"


def bookmarkable(before: Messages, after: Messages) -> None:
    """Every message carries a `resume_token`; a new call with it sends nothing until the board is newer.

    `after` is what a watch sent that began with the last token of `before`.
    """
    assert all(message.resume_token for message in (*before, *after)), "Bookmarkable: a message without a token"
    seen = boards(before)[-1].revision
    assert all(board.revision > seen for board in boards(after)), f"Bookmarkable: sent again what {seen} has shown"


def started_over(before: Messages, after: Messages) -> None:
    """A token from another database starts over with a full board, which is Bookmarkable's other half."""
    assert all(message.resume_token for message in (*before, *after)), "Bookmarkable: a message without a token"
    assert after[0].HasField("leaderboard"), "Bookmarkable: another database, and no full board"


def begins_whole(messages: Messages, *, whole_boards: bool = False) -> None:
    """The first message is a whole board; later ones are updates where the request does not ask for whole boards."""
    sent = [message.WhichOneof("event") for message in messages if not message.HasField("heartbeat")]
    assert sent[:1] in ([], ["leaderboard"]), f"a watch that begins with {sent[0]}"
    assert not whole_boards or set(sent) <= {"leaderboard"}, f"asked for whole boards, and sent {sent}"


def tells_changes(messages: Messages) -> None:
    """Standings say how rank and score have changed since the message before."""
    assert list(wrong_changes(messages)) == []


def alive(messages: Messages) -> None:
    """A quiet stream sends heartbeats; each stands for the board before it. `alive_in_time` has the other half."""
    assert any(message.HasField("heartbeat") for message in messages), "Alive: no heartbeat"
    for before, message in pairwise(messages):
        if message.HasField("heartbeat"):
            assert message.resume_token == before.resume_token, "Alive: a heartbeat that forgets the board"
            assert not message.HasField("standing")


def alive_in_time(settings: ScoreSettings, quiet: Sequence[float]) -> None:
    """At least every 10 seconds, with up to 10 % jitter: `quiet` are the seconds before heartbeats."""
    assert all(0 < seconds <= LONGEST_QUIET * 1.1 for seconds in quiet), f"Alive: {quiet}"
    assert all(abs(seconds - settings.heartbeat_seconds) <= settings.heartbeat_seconds * 0.1 for seconds in quiet)


def ended_well(error: grpc.RpcError, status: status_pb2.Status | None) -> None:
    """A drain ends each watch with `UNAVAILABLE` and a `RetryInfo`."""
    assert error.code() is grpc.StatusCode.UNAVAILABLE, f"Ended well: {error.code()}, {error.details()}"
    assert status is not None, "Ended well: no details"
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert any(detail.Unpack(info) for detail in status.details)
    assert (info.reason, info.domain) == ("DRAINING", "scorewire"), f"Ended well: {info}"
    assert any(detail.Unpack(retry) for detail in status.details), "Ended well: no RetryInfo"
    assert retry.retry_delay.ToMilliseconds() > 0


def kept(messages: Messages) -> None:
    """What every stream keeps at every moment."""
    ordered(messages)
    unique(messages)
    begins_whole(messages)
    bookmarkable(messages, ())
