"""What must be true when a fault is over and everything has been asked for again."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, Leaderboard
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.storage.journal.records import Entry, Stage
from scorewire_server.storage.records import Award
from scorewire_server.tokens.fingerprint import fingerprint
from tests.awards import check_ledger, folded, rows
from tests.crash.actions import runs
from tests.crash.book import Asked
from tests.crash.world import World
from tests.processes import run_cli

Ledger = dict[str, Award]
Journal = dict[tuple[str, str], Entry]
BOARDS = ("main", "second")


class Kept(NamedTuple):
    """What the databases have: awards by id, actions by user and request id."""

    ledger: Ledger
    journal: Journal


def read(world: World) -> Kept:
    """Reads both databases from beside the servers; proves that positions, hashes and standings agree."""
    awards = check_ledger(world.urls.ledger)
    ledger = {award.award_id: award for award in awards}
    assert len(ledger) == len(awards), "an award is in the ledger twice"
    columns = ", ".join(Entry._fields)
    journal = {
        entry.key: entry for entry in map(Entry._make, rows(world.urls.journal, f"SELECT {columns} FROM actions"))
    }
    return Kept(ledger, journal)


def check_told(kept: Kept, asked: Sequence[Asked]) -> None:
    """Every award that a caller was told of is in the ledger, once, as it was told."""
    for each in asked:
        if each.counted:
            award = kept.ledger.get(award_id(each))
            assert award is not None, f"{each} is lost"
            assert (award.user_id, award.points) == (each.user_id, each.points), f"{each} is {award}"
            there = (award.points, award.score, award.position)
            assert each.counted in (there, (*there[:2], None)), f"{each} is {award}"


def award_id(asked: Asked) -> str:
    """The id of an award that its caller was told of."""
    return asked.id if asked.result is None else fingerprint(asked.result)


def check_journal(kept: Kept, asked: Sequence[Asked]) -> None:
    """Every action in the journal was asked for, has come to its end, and has the award that it earned, delivered."""
    actions = {(each.user_id, each.id): each for each in asked if each.way != "direct"}
    assert kept.journal.keys() <= actions.keys(), "the journal has actions that nobody asked for"
    for key, each in actions.items():
        entry = kept.journal[key]
        if each.interrupted:
            assert (entry.ending, entry.award_id) == ("interrupted", ""), f"{each} is {entry}"
            continue
        assert (entry.ending, entry.data, entry.points) == ("done", each.result, each.points), f"{each} is {entry}"
        if entry.delivery == "internal":
            assert (entry.stage, entry.due, entry.rejection) == (Stage.SETTLED, None, None), f"{each} is {entry}"


def check_nothing_else(kept: Kept, asked: Sequence[Asked]) -> None:
    """Nothing is in the ledger that nobody asked for."""
    wanted = {each.id for each in asked if each.way == "direct"} | {entry.award_id for entry in kept.journal.values()}
    assert kept.ledger.keys() <= wanted, f"nobody asked for {kept.ledger.keys() - wanted}"


def check_runs(world: World, asked: Sequence[Asked]) -> None:
    """Every action has run once, or was interrupted and has run at most once."""
    ran = runs(world.runs_file)
    for each in asked:
        if each.way != "direct":
            times = ran[each.user_id, each.id]
            assert times == 1 or (times == 0 and each.interrupted), f"{each} has run {times} times"


def check_verify(world: World) -> None:
    """`scorewire verify` finds nothing wrong, and has held the journal against the ledger too."""
    verified = run_cli("verify", "--server", world.stack.score.address, "--json", env=world.environment)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    skipped = [check for check in json.loads(verified.stdout)["checks"] if check.get("skipped")]
    assert not skipped, skipped


def is_quiet(world: World) -> bool:
    """Whether no award of the journal is still to be delivered."""
    ((number,),) = rows(world.urls.journal, "SELECT count(*) FROM actions WHERE due IS NOT NULL")
    return not number


def how_many_counted(world: World, asked: Sequence[Asked]) -> int:
    """How many awards are in the ledger that their callers have not heard of yet."""
    earned = dict(rows(world.urls.journal, "SELECT request_id, award_id FROM actions"))
    counted = {award_id for (award_id,) in rows(world.urls.ledger, "SELECT award_id FROM awards")}
    return sum(earned.get(each.id, each.id) in counted for each in asked if not each.settled)


async def newest(world: World, board_id: str) -> Leaderboard:
    """The board as the score server shows it."""
    async with world.to_score() as channel:
        stub: Any = ScoreServiceStub(channel)
        answer = await stub.GetLeaderboard(GetLeaderboardRequest(board_id=board_id, limit=100))
    board: Leaderboard = answer.leaderboard
    return board


def check_board(kept: Kept, board: Leaderboard) -> None:
    """A board shows what the ledger adds up to."""
    standings = {user: reached for (on, user), reached in folded(kept.ledger.values()).items() if on == board.board_id}
    ordered = sorted(standings, key=lambda user: (-standings[user][0], standings[user][1]))
    shown = [(each.rank, each.user_id, each.score) for each in board.standings]
    assert shown == [(rank, user, standings[user][0]) for rank, user in enumerate(ordered, 1)]
    assert board.total_users == len(standings)
