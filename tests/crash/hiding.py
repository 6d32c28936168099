"""What must be true of users, whatever the operator and the detector have decided about them, amid every fault."""

from collections import defaultdict
from collections.abc import Awaitable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

import grpc

from scorewire.score.v1.score_pb2 import (
    GetLeaderboardRequest,
    GetStandingRequest,
    ListStandingsRequest,
    Standing,
    WatchLeaderboardRequest,
)
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.storage.records import Award
from scorewire_server.storage.voids import void_id
from tests.awards import decided, folded
from tests.crash.acts import Act
from tests.crash.operator import PERSON
from tests.refusals import told_by

PAGE = 5
DETECTOR = "detector"


def hidden(awards: Collection[Award]) -> set[str]:
    """The users who are not clear, by the ledger."""
    return {user_id for user_id, (state, *_) in decided(awards).items() if state != "clear"}


def ordered(awards: Collection[Award], board_id: str) -> list[tuple[int, str, int]]:
    """Rank, user and score of all who are to be shown on a board, by the ledger."""
    concealed = hidden(awards)
    reached = {user: at for (on, user), at in folded(awards).items() if on == board_id and user not in concealed}
    users = sorted(reached, key=lambda user: (-reached[user][0], reached[user][1]))
    return [(rank, user, reached[user][0]) for rank, user in enumerate(users, 1)]


def check_acts(awards: Collection[Award], acts: Sequence[Act]) -> None:
    """Whatever the operator was told of is in the ledger once, as it was told; what it was refused is not."""
    by_reason: dict[str | None, list[Award]] = defaultdict(list)
    for award in awards:
        by_reason[award.reason].append(award)
    ids = {award.award_id: award for award in awards}
    for act in acts:
        rows = by_reason[act.reason]
        assert len(rows) <= 1, f"{act} is in the ledger more than once: {rows}"
        assert all(_is_of(row, act) for row in rows), f"{act} is {rows}"
        if act.decided:
            _check_decided(act, rows)
        elif act.corrected:
            told = (act.corrected.revision, act.corrected.award_id, act.corrected.points, act.corrected.score)
            assert [(row.position, row.award_id, row.points, row.score) for row in rows] == [told], f"{act} is {rows}"
        elif act.refused == "AWARD_ALREADY_VOIDED":  # by another one, or by this one, whose answer was lost
            assert void_id(act.award_id) in ids, f"{act} is lost"
        elif act.refused:
            assert not rows, f"{act} is {rows}"


def _is_of(row: Award, act: Act) -> bool:
    by = (row.kind, row.user_id, row.actor) == (act.kind, act.user_id, f"ops/{PERSON}")
    return by and (act.kind != "void" or row.award_id == void_id(act.award_id))


def _check_decided(act: Act, rows: list[Award]) -> None:
    told = act.decided.restriction
    if act.decided.changed:
        assert [(row.position, row.reason) for row in rows] == [(told.position, told.reason)], f"{act} is {rows}"
    else:  # nothing to change, perhaps because the call before this one had counted, and its answer was lost
        assert told.reason != act.reason or rows, f"{act} is nowhere"


def check_voids(awards: Collection[Award]) -> None:
    """Each void takes back exactly what an award has given, on the same boards."""
    ids = {void_id(award.award_id): award for award in awards}
    for void in awards:
        if void.kind == "void":
            given = ids[void.award_id]
            content = (given.user_id, -given.points, given.boards, given.action_type)
            assert (void.user_id, void.points, void.boards, void.action_type) == content


def check_judged(awards: Collection[Award], cheaters: Collection[str]) -> None:
    """The detector has quarantined every cheater, once each, and nobody else."""
    judged = [(award.user_id, award.kind) for award in awards if award.actor == DETECTOR]
    assert sorted(judged) == sorted((user, "quarantine") for user in cheaters)


class Way(NamedTuple):
    """A way to look at a board."""

    name: str
    channel: grpc.aio.Channel


async def check_shown(way: Way, awards: Collection[Award], board_id: str) -> None:
    """Whoever is clear stands in its exact place, and whoever is not is nowhere: no page, standing or watch has it."""
    right = ordered(awards, board_id)
    places = {user: (rank, user, score) for rank, user, score in right}
    stub: Any = ScoreServiceStub(way.channel)
    assert await _listed(stub, board_id, len(right)) == right, f"pages of {board_id} {way.name}"
    users = {award.user_id for award in awards}
    for user_id in users:
        there = await _standing(stub, board_id, user_id)
        assert there == places.get(user_id), f"{user_id} on {board_id} {way.name}: {there}"
    assert await _window(stub, board_id, user_ids=sorted(users)) == right, f"the window of all on {board_id} {way.name}"
    for user_id in _some(users & hidden(awards)):
        shown = await _window(stub, board_id, around_user_id=user_id)
        assert shown is None, f"around {user_id} on {board_id} {way.name}: {shown}"
    for user_id in _some(users & hidden(awards), users & places.keys()):
        there = await _watched(stub, board_id, user_id)
        assert there == places.get(user_id), f"{user_id} in a watch of {board_id} {way.name}: {there}"


def _some(*groups: set[str]) -> Iterator[str]:
    for group in groups:
        yield from sorted(group)[:2]


async def _listed(stub: Any, board_id: str, count: int) -> list[tuple[int, str, int]]:
    listed, token, ranked = [], "", 0
    while token or not ranked:
        page = await stub.ListStandings(ListStandingsRequest(board_id=board_id, page_size=PAGE, page_token=token))
        assert page.total_users == count
        listed += [_place(each) for each in page.standings]
        token, ranked = page.next_page_token, ranked + 1
    return listed


async def _window(stub: Any, board_id: str, **window: Any) -> list[tuple[int, str, int]] | None:
    answer = await _found(stub.GetLeaderboard(GetLeaderboardRequest(board_id=board_id, **window)))
    return answer and [_place(each) for each in answer.leaderboard.standings]


async def _standing(stub: Any, board_id: str, user_id: str) -> tuple[int, str, int] | None:
    answer = await _found(stub.GetStanding(GetStandingRequest(board_id=board_id, user_id=user_id)))
    return answer and _place(answer.standing)


async def _found(asked: Awaitable[Any]) -> Any:
    """The answer; `None` where the user has no standing."""
    try:
        return await asked
    except grpc.aio.AioRpcError as error:
        if told_by(error).reason != "STANDING_NOT_FOUND":
            raise
        return None


async def _watched(stub: Any, board_id: str, user_id: str) -> tuple[int, str, int] | None:
    stream = stub.WatchLeaderboard(WatchLeaderboardRequest(board_id=board_id, user_id=user_id))
    try:
        message = await stream.read()
    finally:
        stream.cancel()
    return _place(message.standing) if message.HasField("standing") else None


def _place(standing: Standing) -> tuple[int, str, int]:
    return standing.rank, standing.user_id, standing.score
