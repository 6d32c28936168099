"""The ledger is set back to a copy, and what the journal has of the rest is delivered again: docs/operating.md, played.

Whoever was told of an award or a decision of after the copy was told of what is true no more. That is forgotten here,
and nothing else; callers and operators ask again for what they want.
"""

import asyncio
import json
import random
from typing import NamedTuple, Self

from scorewire_server.storage.voids import void_id
from tests.awards import rows
from tests.crash.acts import Act
from tests.crash.book import Asked, Book
from tests.crash.checks import is_quiet
from tests.crash.fault import Fault
from tests.crash.load import Load
from tests.crash.world import World
from tests.processes import run_cli
from tests.waiting import becomes, until


class Copied(NamedTuple):
    """What the ledger has that was set back: ids of awards, and the reasons of operators."""

    award_ids: set[str]
    reasons: set[str]


class Told(NamedTuple):
    """What must be true from now on, because it was told: awards, voids of awards, and acts of operators."""

    counted: set[Asked]
    voided: set[Asked]
    acts: set[Act]

    @classmethod
    def by_now(cls, book: Book) -> Self:
        """What the book has."""
        counted, voided = ({each for each in book.asked if getattr(each, name)} for name in ("counted", "voided"))
        return cls(counted | voided, voided, {act for act in book.acts if act.answered})


class SetBack(Fault):
    """The copy is of a random moment, and awards go on after it."""

    name = "the ledger set back to a copy, and redelivered"

    async def strike(self, world: World, load: Load, choose: random.Random) -> None:
        """See Fault."""
        told = Told.by_now(load.book)
        await asyncio.to_thread(world.copy_ledger)
        await load.answered(choose.randint(40, 120))
        for name in choose.sample(("gateway", "score"), 2):
            await (world.kill([name]) if choose.random() < 0.5 else world.stop(name))
        await _hang_up(load.book)
        await asyncio.to_thread(world.set_back)
        lost = forget(load.book, told, await asyncio.to_thread(_copied, world))
        await world.start(["score"])
        await asyncio.to_thread(_redeliver, world, lost)
        if choose.random() < 0.5:  # else users earn amid that
            await asyncio.to_thread(until, lambda: is_quiet(world), "the redelivery")
        await world.start(["gateway"])


async def _hang_up(book: Book) -> None:
    """Returns when nobody waits for an answer of the servers of before."""
    now = book.calling | book.operating
    await becomes(lambda: not now & (book.calling | book.operating), "the end of calls to servers that have ended")


def _copied(world: World) -> Copied:
    read = rows(world.urls.ledger, "SELECT award_id, reason FROM awards")
    return Copied({award_id for award_id, _ in read}, {reason for _, reason in read if reason})


def forget(book: Book, told: Told, copied: Copied) -> list[Asked]:
    """Strikes out what was told after the copy and is not in it; answers the awards among that."""
    book.set_back += 1
    awarded = {each for each in book.asked if each.counted or each.voided} - told.counted
    lost = [each for each in awarded if each.award_id not in copied.award_ids]
    for each in lost:
        each.forget()
    for each in {each for each in book.asked if each.voided} - told.voided:
        if void_id(each.award_id) not in copied.award_ids:
            each.voided = None
    for act in set(book.acts) - told.acts:
        if not _is_still_true(act, copied):
            act.forget()
    return lost


def _is_still_true(act: Act, copied: Copied) -> bool:
    if act.refused == "AWARD_ALREADY_VOIDED":
        return void_id(act.award_id) in copied.award_ids
    return bool(act.refused) or act.reason in copied.reasons


def _redeliver(world: World, lost: list[Asked]) -> None:
    """Has what the journal calls delivered delivered again: all that callers were told of at least."""
    ended = run_cli("redeliver", "--yes", "--json", env=world.environment)
    assert ended.returncode == 0, ended.stderr
    told = sum(each.way == "internal" for each in lost)
    assert json.loads(ended.stdout)["awards"] >= told > 0, f"{ended.stdout}, and {told} were told of"
