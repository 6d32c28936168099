"""A ledger that was set back to a copy gets what it lost again, from the action server's journal, each award once."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scorewire_client import Scorewire
from tests.copies import copy_ledger, set_back
from tests.processes import run_cli
from tests.stack import Stack
from tests.waiting import until

BEFORE, AFTER = 3, 4


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path) as stack:
        yield stack


def command(stack: Stack, *arguments: str) -> tuple[int, str]:
    where = {"SCOREWIRE_DATA_DIR": str(stack.folder), "SCOREWIRE_SCORE__PORT": str(stack.score.port)}
    ended = run_cli(*arguments, env=where)
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


def asked(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def restore(stack: Stack, copy: Path) -> None:
    stack.score.stop()
    set_back(stack.folder, copy)
    stack.score.start().wait_ready()


def all_is_settled(stack: Stack) -> bool:
    """Whether the journal has been told of every delivery, which follows the answers."""
    return asked(stack.folder / "action.db", "SELECT count(*) FROM actions WHERE due IS NOT NULL") == [(0,)]


def test_what_a_set_back_ledger_lacks_is_delivered_again_once(stack: Stack, tmp_path: Path):
    with Scorewire(stack.gateway.address) as ada, Scorewire(stack.gateway.address) as bob:
        ada.sign_in_as_guest("Ada")
        bob.sign_in_as_guest("Bob")
        for number in range(BEFORE):
            ada.act(action_type="dice.roll", request_id=f"before-{number}")
        copy_ledger(stack.folder, tmp_path / "copy.db")
        for number in range(AFTER):
            for user in (ada, bob):
                user.act(action_type="dice.roll", request_id=f"after-{number}")
        until(lambda: all_is_settled(stack), "the end of deliveries")
        right = {standing.user_id: standing.score for standing in ada.top().standings}
        kept = asked(tmp_path / "copy.db", "SELECT award_id, points FROM awards")

        restore(stack, tmp_path / "copy.db")
        code, told = command(stack, "verify")
        assert code == 3
        assert f"journal        WRONG: {2 * AFTER} rows" in told
        points = sum(right.values()) - sum(points for _, points in kept)
        missing = f"{2 * AFTER} awards are missing in the ledger: {points} points of 2 users.\n"
        dry = f"{missing}Nothing was changed. To have them delivered again: scorewire redeliver --yes\n"
        assert command(stack, "redeliver") == command(stack, "redeliver") == (0, dry)

        pending = f"{missing}They are pending again: an action server delivers them, each once.\n"
        assert command(stack, "redeliver", "--yes") == (0, pending)
        until(lambda: all_is_settled(stack), "the redelivery")
        assert command(stack, "redeliver", "--yes") == (
            0,
            "Nothing is missing: the ledger has every award that was delivered.\n",
        )
        code, told = command(stack, "verify")
        assert (code, told.splitlines()[-1]) == (0, "All is right.")
        assert {standing.user_id: standing.score for standing in ada.top().standings} == right
    ids = Counter(award_id for (award_id,) in asked(stack.folder / "score.db", "SELECT award_id FROM awards"))
    assert (len(ids), max(ids.values())) == (BEFORE + 2 * AFTER, 1)
    assert {award_id for award_id, _ in kept} <= ids.keys()


def test_a_program_is_told_the_same(stack: Stack, tmp_path: Path):
    with Scorewire(stack.gateway.address) as ada:
        ada.sign_in_as_guest("Ada")
        copy_ledger(stack.folder, tmp_path / "copy.db")
        score = ada.act(action_type="dice.roll", request_id="r1").score
        until(lambda: all_is_settled(stack), "the delivery")
        restore(stack, tmp_path / "copy.db")
        code, told = command(stack, "redeliver", "--json")
        assert (code, json.loads(told)) == (0, {"awards": 1, "users": 1, "points": score, "pending": False})
        command(stack, "redeliver", "--yes")
        again = ada.act(action_type="dice.roll", request_id="r1")
        assert again.score == score or again.score_pending
        until(lambda: all_is_settled(stack), "the redelivery")
        assert ada.act(action_type="dice.roll", request_id="r1").score == score
