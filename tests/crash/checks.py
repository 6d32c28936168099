"""What must be true when a fault is over and everything has been asked for again."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from scorewire.score.v1.score_pb2 import GetLeaderboardRequest, Leaderboard
from scorewire.score.v1.score_pb2_grpc import ScoreServiceStub
from scorewire_server.storage.journal.records import Entry, Stage
from scorewire_server.storage.records import Award
from scorewire_server.storage.voids import void_id
from tests.awards import check_ledger, rows
from tests.crash.actions import runs
from tests.crash.acts import Act, reasons
from tests.crash.book import Asked, Counted
from tests.crash.hiding import DETECTOR, ordered
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
        if each.counted or each.voided:
            award, void = kept.ledger.get(each.award_id), kept.ledger.get(void_id(each.award_id))
            assert award is not None, f"{each} is lost"
            assert (award.user_id, award.points) == (each.user_id, each.points), f"{each} is {award}"
            there = [Counted(award.points, award.score, award.position), Counted(award.points, award.score, None)]
            if void:  # whoever asks for an action's score is not told of it, but told of the score that it led to
                there.append(Counted(award.points, void.score, None))
                assert each.voided in (None, Counted(0, void.score, void.position)), f"{each} is {void}"
            assert each.counted in (None, *there), f"{each} is {award}"
            assert void or not each.voided, f"{each} is not voided"


def check_journal(kept: Kept, asked: Sequence[Asked]) -> None:
    """Every action in the journal was asked for, has come to its end, and has the award that it earned, delivered."""
    actions = {(each.user_id, each.id): each for each in asked if each.way != "direct"}
    assert kept.journal.keys() <= actions.keys(), "the journal has actions that nobody asked for"
    for key, each in actions.items():
        entry = kept.journal[key]
        if each.interrupted:
            assert (entry.ending, entry.award_id) == ("interrupted", ""), f"{each} is {entry}"
            continue
        assert (entry.ending, entry.points) == ("done", each.points), f"{each} is {entry}"
        assert each.result in (entry.data, None), f"{each} is {entry}"
        if entry.delivery == "internal":
            assert (entry.stage, entry.due) == (Stage.SETTLED, None), f"{each} is {entry}"
            reason = json.loads(entry.rejection)["reason"] if entry.rejection else None
            assert reason == ("USER_BLOCKED" if each.rejected else None), f"{each} is {entry}"
            assert (entry.award_id in kept.ledger) == (not each.rejected), f"{each} is {entry}"


def check_nothing_else(kept: Kept, asked: Sequence[Asked], acts: Sequence[Act]) -> None:
    """Nothing is in the ledger that nobody asked for, but what the detector has decided."""
    acted = reasons(acts)
    earned = {award.award_id for award in kept.ledger.values() if award.reason not in acted and award.actor != DETECTOR}
    wanted = {each.id for each in asked if each.way == "direct"} | {entry.award_id for entry in kept.journal.values()}
    assert earned <= wanted, f"nobody asked for {earned - wanted}"


def check_set_back(world: World, asked: Sequence[Asked]) -> None:
    """Of the awards that a ledger lost and nobody has asked for since, the journal's are there again, and no others."""
    refused = {id_: bool(no) for id_, no in rows(world.urls.journal, "SELECT request_id, rejection FROM actions")}
    there = {award_id for (award_id,) in rows(world.urls.ledger, "SELECT award_id FROM awards")}
    for each in asked:
        if each.forgotten:
            expected = each.way == "internal" and not refused[each.id]
            assert (each.award_id in there) == expected, f"{each} is {'not there' if expected else 'there'}"


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
        request = GetLeaderboardRequest(board_id=board_id, limit=100)
        # The round may have cut connections a moment ago.
        answer = await stub.GetLeaderboard(request, wait_for_ready=True, timeout=60)
    board: Leaderboard = answer.leaderboard
    return board


def check_board(kept: Kept, board: Leaderboard) -> None:
    """A board shows what the ledger adds up to, without whom it hides."""
    right = ordered(kept.ledger.values(), board.board_id)
    assert [(each.rank, each.user_id, each.score) for each in board.standings] == right
    assert board.total_users == len(right)
